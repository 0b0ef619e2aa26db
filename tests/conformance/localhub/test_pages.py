"""The pages that links lead to: there, readable, and harmless whatever was written."""

import httpx

from tests.conformance.localhub.town import Town

HOSTILE = "<script>alert(1)</script> & <img src=x onerror=alert(2)>"


async def test_every_link_leads_to_a_page_that_escapes_what_people_wrote(town: Town) -> None:
    await town.as_person("maintainer", lambda repository: repository.create_issue(HOSTILE, HOSTILE))
    await town.as_person("maintainer", lambda repository: repository.get_issue(1).create_comment(HOSTILE).id)
    written = await town.commit("topic", {"<script>.py": HOSTILE + "\n"}, HOSTILE)
    rest = town.bot().rest
    pull = (
        await rest.pulls.async_create("acme", "shop", title=HOSTILE, head="topic", base="main", body=HOSTILE)
    ).json()
    output = {"title": HOSTILE, "summary": HOSTILE, "text": HOSTILE}
    check = await rest.checks.async_create(
        "acme", "shop", name=HOSTILE, head_sha=written.sha, conclusion="failure", output=output
    )
    commit = (await rest.repos.async_get_commit("acme", "shop", "topic")).json()
    issue = (await rest.issues.async_get("acme", "shop", 1)).json()
    links = [town.url, f"{town.url}/acme/shop", issue["html_url"], pull["html_url"], commit["html_url"]]
    async with httpx.AsyncClient(trust_env=False) as reader:
        for link in [*links, check.json()["html_url"]]:
            page = await reader.get(link)
            assert page.status_code == 200, link
            assert "<script>" not in page.text
            assert "onerror=alert(2)>" not in page.text
            assert '<html lang="en">' in page.text
            assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await reader.get(f"{town.url}/acme/shop/issues/99")).status_code == 404
        assert (await reader.get(f"{town.url}/acme/nowhere")).status_code == 404
        diff = await reader.get(pull["html_url"])
    assert "&lt;script&gt;.py" in diff.text
    assert "failure" in diff.text
