"""The stock: numbers, where they come from, who holds them, and what has happened to them."""

from inventory.models.allocation import Activation, Allocation
from inventory.models.alpha_relief import AlphaRelief
from inventory.models.assignment import Assignment
from inventory.models.block import BlockReason, NumberBlock
from inventory.models.bulk_run import BulkItem, BulkOutcome, BulkRun, BulkState, BulkVerb
from inventory.models.catalogue_run import CatalogueRun, PriceChange, RunEnd
from inventory.models.contact import Contact, TrafficEvent
from inventory.models.daily_contact import DailyContact
from inventory.models.demand_event import DemandEvent, DemandKind
from inventory.models.did import Did
from inventory.models.discrepancy import Discrepancy, DiscrepancyKind
from inventory.models.drift_case import DriftCase, DriftFinder, Resolution
from inventory.models.feed_day import FeedDay, FeedReport
from inventory.models.filing import Filing, FilingKind, ReportedDisconnect
from inventory.models.firm_order import FirmDelivery, FirmOrder
from inventory.models.honesty import Honesty, HonestySource
from inventory.models.invoice import Charge, Invoice, InvoiceLine
from inventory.models.ledger import LifecycleEntry
from inventory.models.limit_change import LimitChange
from inventory.models.listed_offer import ListedOffer
from inventory.models.misbilling import Misbilling, MisbillingKind
from inventory.models.past import PastCapabilities, PastPapers
from inventory.models.phone_number import Origin, PhoneNumber
from inventory.models.protection import ProtectionEntry
from inventory.models.provider import Provider
from inventory.models.provider_order import LineState, OrderState, ProviderOrder, ProviderOrderLine
from inventory.models.provider_release import ProviderRelease, ReleaseState
from inventory.models.quarantine import Quarantine
from inventory.models.quarantine_decision import QuarantineDecision
from inventory.models.quarantine_model import QuarantineFitting, QuarantineModel, QuarantineModelChange
from inventory.models.quarantine_night import QuarantineNight
from inventory.models.quarantine_override import QuarantineOverride
from inventory.models.reservation import Hold, Reservation
from inventory.models.restock_proposal import ProposalStatus, RestockProposal
from inventory.models.sale_stop import SaleStop
from inventory.models.sku import ServiceClass, Sku
from inventory.models.sku_state import SkuState
from inventory.models.sourcing_stop import SourcingStop
from inventory.models.stock_target import StockTarget
from inventory.models.supply_terms import SupplyTerms
from inventory.models.tariff import Tariff
from inventory.models.unwanted_traffic import UnwantedKind, UnwantedTraffic
from inventory.models.waitlist import WaitlistEntry, WaitlistOffer, WaitlistServing, WaitMode, WaitState

__all__ = [
    "Activation",
    "Allocation",
    "AlphaRelief",
    "Assignment",
    "BlockReason",
    "BulkItem",
    "BulkOutcome",
    "BulkRun",
    "BulkState",
    "BulkVerb",
    "CatalogueRun",
    "Charge",
    "Contact",
    "DailyContact",
    "DemandEvent",
    "DemandKind",
    "Did",
    "Discrepancy",
    "DiscrepancyKind",
    "DriftCase",
    "DriftFinder",
    "FeedDay",
    "FeedReport",
    "Filing",
    "FilingKind",
    "FirmDelivery",
    "FirmOrder",
    "Hold",
    "Honesty",
    "HonestySource",
    "Invoice",
    "InvoiceLine",
    "LifecycleEntry",
    "LimitChange",
    "LineState",
    "ListedOffer",
    "Misbilling",
    "MisbillingKind",
    "NumberBlock",
    "OrderState",
    "Origin",
    "PastCapabilities",
    "PastPapers",
    "PhoneNumber",
    "PriceChange",
    "ProposalStatus",
    "ProtectionEntry",
    "Provider",
    "ProviderOrder",
    "ProviderOrderLine",
    "ProviderRelease",
    "Quarantine",
    "QuarantineDecision",
    "QuarantineFitting",
    "QuarantineModel",
    "QuarantineModelChange",
    "QuarantineNight",
    "QuarantineOverride",
    "ReleaseState",
    "ReportedDisconnect",
    "Reservation",
    "Resolution",
    "RestockProposal",
    "RunEnd",
    "SaleStop",
    "ServiceClass",
    "Sku",
    "SkuState",
    "SourcingStop",
    "StockTarget",
    "SupplyTerms",
    "Tariff",
    "TrafficEvent",
    "UnwantedKind",
    "UnwantedTraffic",
    "WaitMode",
    "WaitState",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistServing",
]
