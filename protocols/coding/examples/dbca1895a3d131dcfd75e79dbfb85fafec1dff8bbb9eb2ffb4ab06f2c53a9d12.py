from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    city: str


@dataclass(frozen=True)
class Customer:
    name: str
    address: Address | None = None


def city_of(customer: Customer | None) -> str:
    """The customer's city; empty where the customer or the address is not known."""
    if customer is None or customer.address is None:
        return ""
    return customer.address.city
