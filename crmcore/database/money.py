"""Money: integer minor units and an ISO 4217 code, a decimal text outside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["CURRENCIES", "Money", "digits"]

#: ISO 4217 (list one, 2026-01-01): active currencies that have no minor unit, three digits, or four. All others have two.
_OTHER_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

#: ISO 4217 list one, active codes of money (no metals, no testing codes).
CURRENCIES = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF "
        "GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
        "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
        "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
        "TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER "
        "ZAR ZMW ZWG"
    ).split()
)

_LARGEST = 2**63 - 1


def digits(currency: str) -> int:
    """Return how many decimal digits the currency's minor unit has (2 for EUR, 0 for JPY)."""
    return _OTHER_DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency.

    Attributes:

        minor: minor units, a signed 64-bit integer (1234 is 12.34 EUR and 1234 JPY).
        currency: ISO 4217 code, upper case.
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Money:
        """Read a decimal amount exactly.

        Raises:

            ValueError: unknown currency, not a number, more digits than the currency has, or outside 64 bits.
        """
        if currency not in CURRENCIES:
            msg = f"{currency!r} is not an ISO 4217 currency code; use for example EUR, CNY or USD."
            raise ValueError(msg)
        try:
            value = Decimal(amount)
        except ArithmeticError:
            msg = f"{str(amount)[:40]!r} is not a decimal number; write for example 1234.50."
            raise ValueError(msg) from None
        if not value.is_finite() or abs(value.adjusted()) > 40:
            msg = f"{str(amount)[:40]!r} is not an amount of money."
            raise ValueError(msg)
        minor = value.scaleb(digits(currency))
        if minor != minor.to_integral_value():
            msg = f"{currency} has {digits(currency)} decimal digits; {amount} has more."
            raise ValueError(msg)
        if abs(minor) > _LARGEST:
            msg = f"{amount} {currency} is more than fits into 64 bits of minor units."
            raise ValueError(msg)
        return cls(int(minor), currency)

    @property
    def amount(self) -> str:
        """The amount as clients see it: a decimal text with the currency's digits (`1234.50`, `1234`)."""
        places = digits(self.currency)
        if places == 0:
            return str(self.minor)
        sign, whole = ("-", -self.minor) if self.minor < 0 else ("", self.minor)
        return f"{sign}{whole // 10**places}.{whole % 10**places:0{places}d}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
