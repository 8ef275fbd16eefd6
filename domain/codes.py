"""The coded values of events and API. Codes are stored: they are added to, never renamed."""

from enum import StrEnum


class Pillar(StrEnum):
    PKH = "pkh"
    TKSK = "tksk"
    PSM = "psm"
    TAGANA = "tagana"
    KARANG_TARUNA = "karang_taruna"


class Cluster(StrEnum):
    PROTECTION = "protection"
    REHABILITATION = "rehabilitation"
    EMPOWERMENT = "empowerment"


class Frequency(StrEnum):
    """How often a programme pays; it gives the form of a payment's period."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Component(StrEnum):
    """PKH components of a member (sealed in events)."""

    PREGNANT = "pregnant"
    EARLY_CHILDHOOD = "early_childhood"
    PRIMARY_SCHOOL = "primary_school"
    JUNIOR_SECONDARY = "junior_secondary"
    SENIOR_SECONDARY = "senior_secondary"
    ELDERLY = "elderly"
    SEVERE_DISABILITY = "severe_disability"
    NONE = "none"


class PasGroup(StrEnum):
    """The 12 target groups in need of social attention (sealed in events)."""

    VULNERABLE_CHILDREN = "vulnerable_children"
    PERSONS_WITH_DISABILITIES = "persons_with_disabilities"
    NEGLECTED_ELDERLY = "neglected_elderly"
    LOW_INCOME = "low_income"
    DISASTER_VICTIMS = "disaster_victims"
    SPECIAL_AFFIRMATION = "special_affirmation"
    PRISONERS = "prisoners"
    VICTIMS_OF_VIOLENCE = "victims_of_violence"
    DRUG_ABUSE_AND_HIV = "drug_abuse_and_hiv"
    SOCIAL_PROBLEMS = "social_problems"
    VULNERABLE_WOMEN = "vulnerable_women"
    THE_POOR = "the_poor"


class PasClass(StrEnum):
    GENERAL = "general"
    PROTECTED = "protected"


class IncomeBand(StrEnum):
    """Monthly household income, in millions of rupiah."""

    UNDER_1M = "under_1m"
    FROM_1M_TO_2M = "1m_to_2m"
    FROM_2M_TO_3M = "2m_to_3m"
    FROM_3M_TO_5M = "3m_to_5m"
    OVER_5M = "over_5m"


class Criterion(StrEnum):
    """Criteria of independence that a field assessment may find met."""

    STEADY_INCOME = "steady_income"
    OWN_BUSINESS = "own_business"
    SAVINGS = "savings"
    DECENT_HOUSING = "decent_housing"
    CHILDREN_IN_SCHOOL = "children_in_school"
    NO_DEBT_ARREARS = "no_debt_arrears"
    HEALTH_INSURED = "health_insured"


class AssignmentRole(StrEnum):
    LEAD = "lead"
    HELPER = "helper"


class Channel(StrEnum):
    KKS = "kks"
    POST = "post"
    IN_KIND = "in_kind"
    SERVICE = "service"
    PREMIUM = "premium"


class ReversalReason(StrEnum):
    WRONG_AMOUNT = "wrong_amount"
    WRONG_HOUSEHOLD = "wrong_household"
    NOT_COLLECTED = "not_collected"
    DUPLICATE = "duplicate"


class VisitPurpose(StrEnum):
    VERIFICATION = "verification"
    USE_OF_AID = "use_of_aid"
    FAMILY_SESSION = "family_session"
    BUSINESS_COACHING = "business_coaching"
    AFTERCARE = "aftercare"


class VisitResult(StrEnum):
    DONE = "done"
    CONFIRMED = "confirmed"
    NEEDS_FOLLOW_UP = "needs_follow_up"
    NOT_AT_HOME = "not_at_home"
    REFUSED = "refused"
    STABLE = "stable"
    AT_RISK = "at_risk"


class MemberLeftReason(StrEnum):
    DECEASED = "deceased"
    MARRIED = "married"
    MOVED_OUT = "moved_out"
    OTHER_FAMILY_CARD = "other_family_card"
    RECORDED_IN_ERROR = "recorded_in_error"


class HouseholdLeftReason(StrEnum):
    MOVED_ABROAD = "moved_abroad"
    DECEASED = "deceased"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    OWN_REQUEST = "own_request"


class GraduationKind(StrEnum):
    NATURAL = "natural"
    INDEPENDENT = "independent"


class Evidence(StrEnum):
    HOUSEHOLD_STATEMENT = "household_statement"
    VILLAGE_LETTER = "village_letter"
    HOME_VISIT = "home_visit"
    DTSEN_PERIOD = "dtsen_period"


class ReturnReason(StrEnum):
    EVIDENCE_INCOMPLETE = "evidence_incomplete"
    EVIDENCE_UNCLEAR = "evidence_unclear"
    VISIT_NEEDED = "visit_needed"
    WRONG_KIND = "wrong_kind"


class RejectionReason(StrEnum):
    STILL_ELIGIBLE = "still_eligible"
    NOT_SELF_RELIANT = "not_self_reliant"
    EVIDENCE_FALSE = "evidence_false"
    HOUSEHOLD_OBJECTS = "household_objects"


class RevocationReason(StrEnum):
    DETERMINED_IN_ERROR = "determined_in_error"
    EVIDENCE_FALSE = "evidence_false"
    APPEAL_UPHELD = "appeal_upheld"


class DiscontinuationReason(StrEnum):
    INELIGIBLE = "ineligible"
    DUPLICATE = "duplicate"
    DECEASED = "deceased"
    DATA_MISMATCH = "data_mismatch"
    MOVED_ABROAD = "moved_abroad"


class ConnectionDeclinedReason(StrEnum):
    SELF_SUFFICIENT = "self_sufficient"
    NO_INTEREST = "no_interest"
    ALREADY_CONNECTED = "already_connected"
    NO_SUITABLE_SERVICE = "no_suitable_service"


class ErasureReason(StrEnum):
    OWN_REQUEST = "own_request"
    REGISTERED_IN_ERROR = "registered_in_error"
    RETENTION_ENDED = "retention_ended"
    COURT_ORDER = "court_order"


class ErasureScope(StrEnum):
    PERSON = "person"
    HOUSEHOLD = "household"


class AgencyKind(StrEnum):
    MINISTRY = "ministry"
    LOCAL_GOVERNMENT = "local_government"
    STATE_ENTERPRISE = "state_enterprise"
    PRIVATE = "private"
    PHILANTHROPY = "philanthropy"
    SERVICE_UNIT = "service_unit"


class ServiceKind(StrEnum):
    CAPITAL = "capital"
    MENTORING = "mentoring"
    MARKET_ACCESS = "market_access"
    MANAGEMENT = "management"
    TRAINING = "training"
    EMPLOYMENT = "employment"
    CARE = "care"
    REHABILITATION = "rehabilitation"
    HEALTH = "health"
    EDUCATION = "education"
    HOUSING = "housing"


class LegalBasis(StrEnum):
    CONSENT = "consent"
    STATUTORY_DUTY = "statutory_duty"


class ReferralReason(StrEnum):
    NO_CAPACITY = "no_capacity"
    NO_BUDGET = "no_budget"
    NOT_ELIGIBLE = "not_eligible"
    DOCUMENTS_INCOMPLETE = "documents_incomplete"
    ALREADY_SERVED = "already_served"
    UNABLE_TO_CONTACT = "unable_to_contact"
    HOUSEHOLD_REFUSED = "household_refused"
    NO_LONGER_NEEDED = "no_longer_needed"
    DUPLICATE = "duplicate"
    OUTSIDE_AREA = "outside_area"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    OTHER = "other"


class Information(StrEnum):
    """What an agency may ask of the sender before it decides."""

    IDENTITY_DOCUMENTS = "identity_documents"
    BUSINESS_DETAILS = "business_details"
    HEALTH_DETAILS = "health_details"
    CONTACT_DETAILS = "contact_details"
    CONSENT_LETTER = "consent_letter"
    OTHER = "other"


class ReferralOutcome(StrEnum):
    CAPITAL_DISBURSED = "capital_disbursed"
    BUSINESS_STARTED = "business_started"
    BUSINESS_GROWN = "business_grown"
    MARKET_LINKED = "market_linked"
    TRAINING_FINISHED = "training_finished"
    CERTIFIED = "certified"
    EMPLOYED = "employed"
    CARE_IN_PLACE = "care_in_place"
    RECOVERED = "recovered"
    HOUSED = "housed"
    SERVICE_DELIVERED = "service_delivered"
    PARTLY_DELIVERED = "partly_delivered"


class Measure(StrEnum):
    GRADUATIONS = "graduations"
    CONNECTIONS = "connections"
    VISITS = "visits"
    ASSESSMENTS = "assessments"
