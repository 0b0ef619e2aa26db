# The server: webhooks and workers. The loopback GitHub is an extra that is not in here.
FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
WORKDIR /src
COPY . .
RUN uv build --wheel --out-dir /wheel && uv export --frozen --no-dev --no-emit-project --output-file /wheel/requirements.txt

FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 rmo
COPY --from=build /wheel /wheel
RUN pip install --no-cache-dir --require-hashes -r /wheel/requirements.txt \
    && pip install --no-cache-dir --no-deps /wheel/*.whl && rm -rf /wheel
USER rmo
ENV RMO_HOME=/home/rmo/state RMO_HOST=0.0.0.0
VOLUME /home/rmo/state
EXPOSE 8790
ENTRYPOINT ["rmo"]
CMD ["serve"]
