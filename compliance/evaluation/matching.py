"""Which paper serves which requirement: at most one each way, and as many requirements met as can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance.evaluation.case import Paper
from compliance.evaluation.papers import PaperCheck, Question, check_paper, type_of
from compliance.rulebook.rules import DocumentRequirement

#: By index: the papers that may serve a requirement, the best first.
Edges = Callable[[int], Sequence[int]]
#: By index: whether a paper that may serve a requirement does. Asked only when it matters.
Fits = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Matching:
    """By index of the requirement: the check of its paper. `left`: papers that serve none."""

    served: Mapping[int, PaperCheck]
    left: tuple[Paper, ...]


def match(question: Question, requirements: Sequence[DocumentRequirement]) -> Matching:
    """Give each requirement its paper. The same whatever the order of the papers, as long as their SIDs differ.

    First as many requirements as possible get a paper that meets them. A paper that names its requirement serves no
    other. What is left goes where it fails least: to the requirement that it names; to one that takes its type; and, if
    none at all does, to the first that is still open.
    """
    desk = _Desk(question, requirements)
    desk.assign(desk.of_its_types, desk.meets)
    for edges in (desk.named, desk.of_its_types, desk.taken_nowhere):
        if desk.is_open:
            desk.assign(desk.nearest(edges), _any)
    return Matching(
        served={requirement: desk.check(requirement, paper) for requirement, paper in desk.served.items()},
        left=tuple(paper for index, paper in enumerate(desk.papers) if index not in desk.serving),
    )


class _Desk:
    """The papers, in an order of their own, beside the requirements; each pair is looked at once at most."""

    def __init__(self, question: Question, requirements: Sequence[DocumentRequirement]) -> None:
        self.question, self.requirements = question, requirements
        self.papers = sorted(question.case.papers, key=lambda paper: (not paper.requirement, paper.sid, paper.type))
        self.types = [type_of(paper) for paper in self.papers]
        self.served: dict[int, int] = {}  # requirement -> paper
        self.serving: set[int] = set()
        self._checks: dict[tuple[int, int], PaperCheck] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a requirement without a paper, and a paper without a requirement."""
        return len(self.served) < len(self.requirements) and len(self.serving) < len(self.papers)

    def check(self, requirement: int, paper: int) -> PaperCheck:
        if (requirement, paper) not in self._checks:
            found = check_paper(self.question, self.requirements[requirement], self.papers[paper])
            self._checks[requirement, paper] = found
        return self._checks[requirement, paper]

    def assign(self, edges: Edges, fits: Fits) -> None:
        """Serve as many of the open requirements as these edges can: a maximum matching of a bipartite graph, by
        augmenting paths (H. W. Kuhn, The Hungarian method, 1955)."""
        holders: dict[int, int] = {}  # paper -> requirement
        for requirement in range(len(self.requirements)):
            if requirement not in self.served:
                _place(requirement, edges, fits, holders, set())
        self.served |= {requirement: paper for paper, requirement in holders.items()}
        self.serving |= holders.keys()

    def meets(self, requirement: int, paper: int) -> bool:
        """Whether the paper meets it whole."""
        return self.check(requirement, paper).passed

    def of_its_types(self, requirement: int) -> list[int]:
        """Papers of a type that it accepts."""
        accepting = self.requirements[requirement].accepting
        return [paper for paper in self._possible(requirement) if accepting(self.types[paper])]

    def named(self, requirement: int) -> list[int]:
        """Papers that are meant for it."""
        return [paper for paper in self._possible(requirement) if self.papers[paper].requirement]

    def taken_nowhere(self, requirement: int) -> list[int]:
        """Papers of a type that no requirement accepts."""
        return [
            paper
            for paper in self._possible(requirement)
            if not any(each.accepting(self.types[paper]) for each in self.requirements)
        ]

    def nearest(self, edges: Edges) -> Edges:
        """The same papers, the one with the least faults first."""
        return lambda requirement: sorted(edges(requirement), key=lambda paper: self.check(requirement, paper).rank)

    def _possible(self, requirement: int) -> Iterator[int]:
        name = self.requirements[requirement].requirement_name
        for index, paper in enumerate(self.papers):
            if index not in self.serving and paper.requirement in ("", name):
                yield index


def _place(requirement: int, edges: Edges, fits: Fits, holders: dict[int, int], tried: set[int]) -> bool:
    """Find the requirement a paper that is free; failing that, one whose holder can be served by another."""
    papers = edges(requirement)
    for paper in papers:
        if paper not in holders and fits(requirement, paper):
            holders[paper] = requirement
            return True
    for paper in papers:
        if paper in tried or not fits(requirement, paper):
            continue
        tried.add(paper)
        if _place(holders[paper], edges, fits, holders, tried):
            holders[paper] = requirement
            return True
    return False


def _any(_requirement: int, _paper: int) -> bool:
    return True
