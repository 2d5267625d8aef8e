"""Groups of students whose code is the same except for names, layout and order: a hint for a person, never a verdict.

Each student's exercise is a set of fingerprints (see `fingerprints.py`). The similarity of two answers is the share
of fingerprints that they have in common (Jaccard). A shared fingerprint is evidence ("telling") only if it is not in
the reference, the release or a named misconception, and few students of the class have it. The evidence is added up
over a notebook, so one short exercise that two students share by chance makes no group.

Not all pairs are compared. Two sets that share at least ALIKE have one of their rarest fingerprints in common (the
prefix filter of Chaudhuri, Ganti and Kaushik, 2006), so an index of the rarest ones finds every such pair.

Why not a library: copydetect 0.5.0 (MIT, last released in March 2024) compares all pairs of files, at some 40
microseconds each, which is minutes for a thousand students; it takes torch.sign and torch.where for the same token,
and a dropped pair of brackets for a difference. Of the 78 right answers in tests/content, with their names changed and
laid out anew, it finds the least like its copy to be 0.70 alike, and two honest answers 0.62 (k = 12); by the
fingerprints here these numbers are 1.00 and 0.27.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from autograder.trusted.submissions.reader import the_authors_reader
from autograder.wire.reading import Fingerprinted, TakeFingerprintsOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.results.works import Work
    from autograder.trusted.submissions.submission import Submission

Fingerprints = frozenset[int]  # of one exercise; see `autograder.reading.fingerprints`

ALIKE = 0.8  # the similarity from which two answers are alike
ENOUGH = 30  # telling fingerprints, shared in a notebook, that make a group: a long exercise, or two short ones
FEW = 10  # a fingerprint is telling if at most so many students have it,
FEW_SHARE = 0.1  # or this share of a large class; in a small class, at most half of it

T = TypeVar("T")


class SimilarExercise(Struct, frozen=True):
    """An exercise that students of a group have alike; `alike`, from ALIKE to 1, is that of the least similar pair."""

    exercise: str
    students: tuple[str, ...]
    alike: float


class SimilarGroup(Struct, frozen=True):
    """Students whose code in one notebook is the same after renaming and reformatting, or nearly so.

    Attributes:
        alike: the similarity of the least similar exercise, from ALIKE to 1.
        evidence: how many telling fingerprints every pair shares at least; common ones count for less.
    """

    notebook: str
    students: tuple[str, ...]
    exercises: tuple[SimilarExercise, ...]
    alike: float
    evidence: int


def similar_groups(course: Course, submissions: Sequence[Submission], works: Mapping[Path, Work]) -> list[SimilarGroup]:
    """The groups of a class, those with most evidence first; `works` are what `read_works` has read of its files."""
    first = {each.path: each for each in reversed(submissions)}  # of a group, whose file is one work
    exercises: dict[str, dict[str, dict[str, Fingerprints]]] = {}
    for path, work in works.items():
        exercises.setdefault(first[path].notebook, {})[first[path].student] = work.exercises
    stubs = {notebook: course.released(notebook).stubs for notebook in exercises}
    groups = []
    for notebook, by_student in exercises.items():
        plan = course.notebooks[notebook]
        answers = [(cell.name, cell.source) for cell in plan.cells if cell.solution]
        answers += [(variant.exercise, variant.source) for variant in course.misconceptions(notebook)]
        groups += groups_of(notebook, by_student, known_fingerprints(plan, [*answers, *stubs[notebook].items()]))
    return sorted(groups, key=_telling)


def known_fingerprints(plan: NotebookPlan, answers: Iterable[tuple[str, str]]) -> dict[str, Fingerprints]:
    """The fingerprints of each exercise that are no evidence; `answers` are pairs of an exercise and its source."""
    request = TakeFingerprintsOf(tuple(answers), tuple(plan.exercises))
    return the_authors_reader().ask(request, Fingerprinted).exercises


def groups_of(
    notebook: str, works: Mapping[str, Mapping[str, Fingerprints]], known: Mapping[str, Fingerprints]
) -> list[SimilarGroup]:
    """The groups in one notebook.

    Args:
        notebook: its name.
        works: the fingerprints, by student and exercise.
        known: the fingerprints that are no evidence, by exercise.
    """
    exercises = sorted({exercise for work in works.values() for exercise in work})
    clusters: list[_Cluster] = []
    for exercise in exercises:
        answers = {student: work[exercise] for student, work in works.items() if exercise in work}
        clusters += _clusters(exercise, answers, known.get(exercise, frozenset()))
    shared: dict[tuple[str, str], float] = {}
    for cluster in clusters:
        for pair in combinations(cluster.students, 2):
            shared[pair] = shared.get(pair, 0.0) + cluster.evidence
    linked = {pair: evidence for pair, evidence in shared.items() if evidence >= ENOUGH}
    groups = [_group(notebook, students, clusters, linked) for students in _cliques(linked)]
    return sorted(groups, key=_telling)


class _Cluster(Struct, frozen=True):
    """Students who have one exercise alike, in alphabetical order; its similarity, and the evidence for each pair."""

    exercise: str
    students: tuple[str, ...]
    alike: float
    evidence: float


def _group(
    notebook: str, students: Sequence[str], clusters: Sequence[_Cluster], linked: Mapping[tuple[str, str], float]
) -> SimilarGroup:
    exercises = tuple(
        SimilarExercise(cluster.exercise, alike, cluster.alike)
        for cluster in clusters
        if len(alike := tuple(student for student in cluster.students if student in students)) > 1
    )
    return SimilarGroup(
        notebook=notebook,
        students=tuple(students),
        exercises=exercises,
        alike=min(exercise.alike for exercise in exercises),
        evidence=round(min(linked[pair] for pair in combinations(students, 2))),
    )


def _telling(group: SimilarGroup) -> tuple[int, str, tuple[str, ...]]:
    return -group.evidence, group.notebook, group.students


def _clusters(exercise: str, answers: Mapping[str, Fingerprints], known: Fingerprints) -> list[_Cluster]:
    """The clusters of students whose answers to one exercise share telling fingerprints and are alike."""
    forms: dict[Fingerprints, list[str]] = {}  # the students who have the very same fingerprints
    for student, fingerprints in sorted(answers.items()):
        forms.setdefault(fingerprints, []).append(student)
    holders: Counter[int] = Counter()
    for form, same in forms.items():
        for fingerprint in form - known:
            holders[fingerprint] += len(same)
    few = few_of(len(answers))
    telling = {form: _rarest_first(form - known, holders, few) for form in forms}
    edges = [(form, form, 1.0, len(telling[form])) for form in forms if telling[form] and len(forms[form]) > 1]
    edges += _alike(telling)
    found = []
    for component in _components((a, b) for a, b, *_ in edges):
        students = tuple(sorted(student for form in component for student in forms[form]))
        within = [(alike, evidence) for form, _, alike, evidence in edges if form in component]
        if len(students) <= max(few, len(answers) // 2):
            evidence = min(e for _, e in within) * _weight(len(students), len(answers))
            found.append(_Cluster(exercise, students, min(a for a, _ in within), evidence))
    return sorted(found, key=lambda cluster: cluster.students)


def _weight(holders: int, class_size: int) -> float:
    """The weight of a feature that `holders` of the class have: from 1 if only two have it down to 0 if all have it."""
    return math.log(class_size / holders) / math.log(class_size / 2) if class_size > 2 else 1.0


def _rarest_first(fingerprints: Iterable[int], holders: Mapping[int, int], few: int) -> list[int]:
    found = [fingerprint for fingerprint in fingerprints if holders[fingerprint] <= few]
    return sorted(found, key=lambda fingerprint: (holders[fingerprint], fingerprint))


def few_of(class_size: int) -> int:
    """The largest number of students who may share a fingerprint that still counts as evidence."""
    return max(2, min(class_size // 2, max(FEW, int(class_size * FEW_SHARE))))


def _alike(telling: Mapping[Fingerprints, Sequence[int]]) -> Iterator[tuple[Fingerprints, Fingerprints, float, int]]:
    """Each pair of forms that are alike, their similarity, and the number of telling fingerprints that they share.

    `telling` holds the telling fingerprints of each form, the rarest first.
    """
    index: dict[int, list[Fingerprints]] = {}
    for form, rarest in telling.items():
        prefix = rarest[: len(form) - math.ceil(ALIKE * len(form) - 1e-9) + 1]
        for other in {other for fingerprint in prefix for other in index.get(fingerprint, ())}:
            shared = len(form & other)
            alike = shared / (len(form) + len(other) - shared)
            if alike >= ALIKE:
                yield form, other, alike, len(other.intersection(rarest))
        for fingerprint in prefix:
            index.setdefault(fingerprint, []).append(form)


def _cliques(linked: Mapping[tuple[str, str], float]) -> list[tuple[str, ...]]:
    """Groups in which every pair is linked, built from the strongest links first, until every link is in a group."""
    neighbours: dict[str, set[str]] = {}
    for a, b in linked:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    waiting = dict.fromkeys(sorted(linked, key=lambda pair: (-linked[pair], pair)))
    found = []
    while waiting:
        a, b = next(iter(waiting))
        clique = [a, b]
        closeness = {
            each: min(_link(linked, a, each), _link(linked, b, each)) for each in neighbours[a] & neighbours[b]
        }
        while closeness:
            nearest = min(closeness, key=lambda each: (-closeness[each], each))
            clique.append(nearest)
            closeness = {
                each: min(closeness[each], _link(linked, nearest, each))
                for each in closeness.keys() & neighbours[nearest]
            }
        clique.sort()
        found.append(tuple(clique))
        for pair in combinations(clique, 2):
            waiting.pop(pair, None)
    return found


def _link(linked: Mapping[tuple[str, str], float], a: str, b: str) -> float:
    return linked[(a, b) if a < b else (b, a)]


def _components(pairs: Iterable[tuple[T, T]]) -> list[set[T]]:
    """The connected components of the graph with these pairs as edges, each as a set, in order of appearance."""
    of: dict[T, set[T]] = {}
    for a, b in pairs:
        one, other = of.setdefault(a, {a}), of.setdefault(b, {b})
        if one is not other:
            larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
            larger |= smaller
            for each in smaller:
                of[each] = larger
    return list({id(component): component for component in of.values()}.values())
