"""F01: a fax machine behind the number is recognised, spoken to in T.38, and told to receive a page."""

from testing_lab.exchanges.fax_call import FaxCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "F01",
    "Fax (T.38)",
    exchange=FaxCall,
    unit="s",
    limit="CNG >= {cng_s} s, CED >= {ced_s} s, T.38 accepted, CFR",
    source="ITU-T T.38 annex D; ITU-T T.30 (CNG, CED) and 5.3; RFC 3362; RFC 3264 8.3.3",
)
def fax(call: FaxCall) -> Finding:
    """Measured: seconds from the agreement on T.38 to the confirmation to receive."""
    if not call.answered:
        return inconclusive(f"the call was not answered: the caller heard {call.final_status or 'nothing'}")
    if call.our_trouble:
        return inconclusive("the trunk lost the call")
    wrong = _wrong(call)
    if not wrong:
        page = "" if call.page_came is None else ", the page arrived"
        return passed(call.ready_s, f"CNG {call.cng_s:.2f} s, CED {call.ced_s:.2f} s{page}")
    return inconclusive(f"instrument: {call.sick}") if call.sick else failed(call.ready_s, "; ".join(wrong))


def _wrong(call: FaxCall) -> list[str]:
    cng_s, ced_s = call.cng_s or 0.0, call.ced_s or 0.0
    limits = call.line.limits
    wrong = [f"the called end heard {cng_s:.2f} s of CNG"] if cng_s < limits["F01", "cng_s"] else []
    wrong += [f"the caller heard {ced_s:.2f} s of CED"] if ced_s < limits["F01", "ced_s"] else []
    if call.offer_status is None or call.offer_status >= 300:
        return [*wrong, f"T.38 was answered {call.offer_status or 'with silence'}"]
    if not call.accepted:
        return [*wrong, "T.38 was struck from the descriptions"]
    if call.ready_s is None:
        heard = [" ".join(end.heard) or "nothing" for end in (call.caller_heard, call.number_heard)]
        wrong.append(f"no confirmation to receive: the caller heard {heard[0]}, the number {heard[1]}")
    elif call.page_came is False:
        wrong.append("the page did not arrive as it was sent")
    return wrong
