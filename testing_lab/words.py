"""Words of the tests, listed for translators: they stand in the tests' own files, and are shown by `squares`.

A test keeps the lists complete.
"""

from django.utils.translation import gettext_noop as _

TITLES = (
    _("CLI in"),
    _("CLI out, shown and withheld"),
    _("Channel capacity"),
    _("Codec negotiation"),
    _("Concatenated SMS"),
    _("DTMF events"),
    _("DTMF in band"),
    _("Delay and jitter"),
    _("Emergency route and address"),
    _("Estimated quality (MOS)"),
    _("Fax (T.38)"),
    _("Inbound reach"),
    _("Long hold, session timer"),
    _("MMS"),
    _("Outbound reach and audio"),
    _("Packet loss"),
    _("Post-dial delay"),
    _("Progress and answer supervision"),
    _("Receipt truthfulness"),
    _("Release and causes"),
    _("SMS in"),
    _("SMS out, sender kept"),
    _("STIR Identity"),
    _("Two-way audio, identity"),
    _("Unicode SMS"),
)
#: What was measured is told in these; what is a symbol (s, ms, %) stays as it is.
UNITS = (
    _("calls"),
    _("codecs"),
    _("false claims"),
    _("keys"),
    _("match 0..1"),
    _("octets"),
    _("parts"),
    _("test calls"),
)
#: What a result must keep to; what stands in braces is a quantity.
LIMITS = (
    _("0 of 6, one of them refused; receipts within {report_s} s"),
    _("3 parts, once each, one sender, exact text, in {arrival_s} s"),
    _("4 of 4 each way, none extra, {shortest_s} to {longest_s} s each"),
    _("4 of 4 in each direction, none extra"),
    _("<= {delay_s} s"),
    _("<= {loss_percent} % in each direction"),
    _("<= {release_s} s, cause 16 {cause_16}; busy stays 486"),
    _(">= {alive_s} s on hold, refreshed; match >= {match} afterwards"),
    _(">= {channels} at once"),
    _(">= {match} in both directions"),
    _(">= {mos}, with fidelity >= {fidelity}"),
    _("CNG >= {cng_s} s, CED >= {ced_s} s, T.38 accepted, CFR"),
    _("PCMU and PCMA agreed to; G.722 and Opus recorded"),
    _("exactly one, at the right number, answered"),
    _("intact, orig the number, A or B, at most {fresh_s} s old"),
    _("match >= {match}, MOS >= {mos}, fidelity >= {fidelity}, loss <= {loss_percent} %"),
    _("one way <= {delay_ms}, jitter <= {jitter_ms}, in each direction"),
    _("same, or documented transcode (<= {different_bits} bits) in {arrival_s} s"),
    _("shown: the exact E.164 number; withheld: in no header"),
    _("the caller's exact E.164 number"),
    _("the exact text both ways, within {arrival_s} s"),
    _("the exact text from the exact number within {arrival_s} s"),
    _("the exact text within {arrival_s} s"),
    _("told the address, letter by letter; 0 calls: its room kept"),
    _("{least_skew_s} to {most_skew_s} s; 18x, {early_media_s} s of early media"),
)
