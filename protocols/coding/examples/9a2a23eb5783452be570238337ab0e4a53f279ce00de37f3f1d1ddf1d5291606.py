"""Temperatures in degrees Celsius and Fahrenheit."""


def to_fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def to_celsius(fahrenheit: float) -> float:
    return (fahrenheit - 32) * 5 / 9


def average(degrees: list[float]) -> float:
    if not degrees:
        raise ValueError("no degrees were given")
    return sum(degrees) / len(degrees)
