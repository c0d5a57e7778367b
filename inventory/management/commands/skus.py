"""`manage.py skus`: make the SKUs that stock and demand call for, many at once."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.models.sku import ServiceClass
from inventory.shelves import making, sheet
from inventory.shelves.making import Found, Terms, Worth


class Command(BaseCommand):
    help = (
        "Make a SKU for each country and type that we hold numbers of or are asked for, and for each area code with "
        "enough of either. Those that exist stay as they are, so it may be run again at any time. --out writes what "
        "would be made as CSV, for a look and changes in a spreadsheet; --from makes the SKUs of such a file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many would be made")
        parser.add_argument("--country", default="", type=str.upper, help="ISO 3166-1 alpha-2; default: all")
        parser.add_argument("--least-held", type=int, default=Worth().held, help="numbers for an area code of its own")
        parser.add_argument("--least-asked", type=int, default=Worth().asked, help="or units asked for in a year")
        parser.add_argument("--class", dest="service_class", choices=ServiceClass.values, default=ServiceClass.DEFAULT)
        parser.add_argument("--unlisted", action="store_true", help="may be sold out: no least reorder point")
        parser.add_argument("--cost-limit", type=amount, default=Terms().cost_limit, help="an order above it waits")
        parser.add_argument("--currency", default="", type=currency, help="of the limit; default: the market's")
        parser.add_argument("--out", metavar="FILE", help="write the missing ones as CSV, and make none; - is stdout")
        parser.add_argument("--from", dest="file", metavar="FILE", help="make those of this CSV file instead")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["file"]:
            return self._make_those_of(options["file"], dry_run=options["dry_run"])
        found = making.found(Worth(options["least_held"], options["least_asked"]), options["country"])
        missing, terms = [each for each in found if not each.exists], _terms(options)
        if options["out"]:
            sheet.write(options["out"], missing, terms)
        if options["dry_run"] or options["out"]:
            return self.stderr.write(_told(found))
        made = making.make((each.shelf for each in missing), terms)
        return self.stderr.write(f"{len(made)} SKUs made; {len(found) - len(missing)} were there already")

    def _make_those_of(self, name: str, *, dry_run: bool) -> None:
        try:
            read = sheet.read(name)
        except sheet.BadSheet as error:
            raise CommandError(str(error)) from error
        told = f"{len(read.missing)} SKUs would be" if dry_run else f"{len(making.keep(read.missing))} SKUs"
        self.stderr.write(f"{told} made; {read.existing} were there already")


def _terms(options: dict[str, Any]) -> Terms:
    return Terms(options["service_class"], not options["unlisted"], options["cost_limit"], options["currency"])


def _told(found: list[Found]) -> str:
    """A line for each country and type, and one for all."""
    lines = []
    for market in dict.fromkeys(each.shelf[:2] for each in found):
        mine = [each for each in found if each.shelf[:2] == market]
        missing = sum(not each.exists for each in mine)
        held, asked = sum(each.held for each in mine), sum(each.asked for each in mine)
        lines.append(f"{' '.join(market)}: {missing} of {len(mine)} missing; {held} numbers held, {asked} asked for")
    missing = sum(not each.exists for each in found)
    return "\n".join([*lines, f"{missing} SKUs would be made; {len(found) - missing} are there already"])


def amount(text: str) -> Decimal:
    """Of money, not below zero. Raises ValueError."""
    try:
        if (found := Decimal(text)).is_finite() and found >= 0:
            return found
    except InvalidOperation:
        pass
    raise ValueError(text)


def currency(text: str) -> str:
    """ISO 4217. Raises ValueError."""
    if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise ValueError(text)
    return text.upper()
