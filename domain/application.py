"""Rujukan's application: one method per verb. Its arguments are domain values and sealed data only."""

from typing import ClassVar

from domain import events
from domain.directory_commands import DirectoryCommands
from domain.erasure_commands import ErasureCommands
from domain.graduation_commands import GraduationCommands
from domain.household_commands import HouseholdCommands
from domain.referral_commands import ReferralCommands


class Rujukan(HouseholdCommands, GraduationCommands, ErasureCommands, ReferralCommands, DirectoryCommands):
    name = "rujukan"
    aggregates: ClassVar = events.AGGREGATES
