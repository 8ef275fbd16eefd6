"""Who leads a household on a day, as SQL."""

from psycopg.sql import SQL, Composable, Composed, Placeholder

_LEAD = SQL("""
(SELECT a.facilitator FROM read.household_assignments a
 WHERE a.household = {household} AND a.role = 'lead' AND a.since <= {day} AND (a.until IS NULL OR {day} < a.until)
 ORDER BY a.number DESC LIMIT 1)
""")
_LED = SQL("""
{household} IN (
    SELECT a.household FROM read.household_assignments a
    WHERE a.facilitator = {facilitator} AND a.role = 'lead'
      AND a.since <= {day} AND (a.until IS NULL OR {day} < a.until)
)
""")


def lead(household: Composable, day: str) -> Composed:
    """The lead facilitator on the day of the parameter `day`, or NULL; of two of one day the later one."""
    return _LEAD.format(household=household, day=Placeholder(day))


def led_by(household: Composable, facilitator: str, day: str) -> Composed:
    """Whether the facilitator of the one parameter leads it on the day of the other."""
    return _LED.format(household=household, facilitator=Placeholder(facilitator), day=Placeholder(day))
