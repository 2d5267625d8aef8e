"""Similar code is found under new names, layouts and orders; honest answers are not taken for it."""

from __future__ import annotations

import ast
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.author.samples import edited
from autograder.reading.fingerprints import MAX_TOKEN, MAX_TOKENS, ExerciseCode
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.similarity import groups
from autograder.trusted.similarity.files import read_works
from autograder.trusted.similarity.groups import few_of, groups_of, similar_groups
from autograder.trusted.submissions.submission import Submission

COURSE = Course(KIT)
RIGHT = {notebook: Course(KIT).right_answers(notebook) for notebook in COURSE.notebooks}

WRONG = {notebook: COURSE.misconceptions(notebook) for notebook in COURSE.notebooks}

TRAIN = """
def train(X, y, w=None, eta=1.0, epochs=1):
    if w is None:
        w = torch.zeros(X.size(1), dtype=X.dtype, device=X.device)
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
        count = 0
        for i in range(X.size(0)):
            new = update(w, X[i], y[i], eta)
            count += wrong(w, X[i], y[i])
            w = new
        mistakes.append(count)
    return w, mistakes

def wrong(w, x, y):
    return int(predict(w, x).item() != y.item())
"""

DISGUISED = {
    "renamed": TRAIN.replace("mistakes", "errors").replace("new", "nxt").replace("wrong", "miss").replace("count", "c"),
    "laid out anew": ast.unparse(ast.parse(TRAIN)).replace("X.size(1), ", "(X.size(1)),\\\n  ").replace("    ", "  "),
    "in another order": "\n\n".join(reversed(TRAIN.strip().split("\n\n"))),
    "commented": TRAIN.replace("    count = 0", '    count = 0  # mine\n        """Mine."""\n        print("epoch")'),
    "annotated": TRAIN.replace("epochs=1):", "epochs: int = 1) -> tuple:").replace("count = 0", "count: int = 0"),
    "imported otherwise": "import torch as th\n" + TRAIN.replace("torch.", "th."),
}  # fmt: skip


def fingerprints(source: str, exercise: str = "train", notebook: str = "perceptron"):
    return ExerciseCode([source]).fingerprints(exercise, COURSE.notebooks[notebook].exercises.keys())


def alike(one: str, other: str) -> float:
    a, b = fingerprints(one), fingerprints(other)
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("disguise", DISGUISED)
def test_a_copy_in_disguise_has_the_same_fingerprints(disguise):
    assert DISGUISED[disguise] != TRAIN
    assert alike(TRAIN, DISGUISED[disguise]) == 1.0


def test_a_helper_in_a_cell_of_its_own_counts_with_the_exercise_that_calls_it():
    train, _, helper = TRAIN.strip().partition("\n\n")
    whole, apart = fingerprints(TRAIN), ExerciseCode([helper, train])
    assert apart.fingerprints("train", {"update", "predict"}) == whole
    assert len(fingerprints(train)) < len(whole)


def test_another_function_of_torchs_and_another_number_are_other_code():
    assert alike(TRAIN, TRAIN.replace("torch.zeros", "torch.ones")) < 1.0
    assert alike(TRAIN, TRAIN.replace("count = 0", "count = 1")) < 1.0


@pytest.mark.parametrize("long", ["x.{}", "f({}=x)", "import {} as m\n    return m"])
def test_of_a_name_that_nobody_would_choose_only_the_beginning_counts(long):
    name = "n" * MAX_TOKEN
    one, other = (f"def train(x):\n    {long.format(name + end)}\n" for end in ("a" * 10**5, "b"))
    assert fingerprints(one) == fingerprints(other) != fingerprints(f"def train(x):\n    {long.format('n')}\n")


def test_a_statement_more_leaves_most_fingerprints_as_they_are():
    assert groups.ALIKE < alike(TRAIN, TRAIN.replace("    mistakes = []", "    mistakes = []\n    unused = 0")) < 1.0


class Class:
    """Submissions of a class, made from the release: each student fills in some exercises."""

    def __init__(self, folder):
        self.folder = folder
        self.submissions: list[Submission] = []

    def hand_in(self, student: str, notebook: str, answers: dict[str, str]) -> None:
        path = self.folder / f"{student}_{notebook}.ipynb"
        path.write_text(edited(COURSE.release / f"{notebook}.ipynb", answers))
        self.submissions.append(Submission(student, notebook, path))

    def groups(self):
        return similar_groups(COURSE, self.submissions, read_works(COURSE, self.submissions))


@pytest.fixture
def class_(tmp_path) -> Class:
    return Class(tmp_path)


def test_those_who_share_code_are_a_group_with_the_exercises_that_they_share(class_):
    copies = {"ada": TRAIN, "bao": DISGUISED["renamed"], "carla": DISGUISED["in another order"]}
    honest = [v.source for v in [*RIGHT["perceptron"], *WRONG["perceptron"]] if v.exercise == "train"]
    honest = honest[1:]  # ada has the first
    for student, source in copies.items():
        class_.hand_in(student, "perceptron", {"train": source})
    for number, source in enumerate(honest):
        class_.hand_in(f"honest{number}", "perceptron", {"train": source})
    assert len(honest) > 2 * len(copies)
    (group,) = class_.groups()
    assert group.students == ("ada", "bao", "carla")
    assert (group.notebook, [each.exercise for each in group.exercises], group.alike) == ("perceptron", ["train"], 1.0)


def test_honest_answers_in_styles_of_their_own_are_no_group(class_):
    for notebook, variants in RIGHT.items():
        styles: dict[str, list[str]] = {}
        for variant in variants:
            styles.setdefault(variant.exercise, []).append(variant.source)
        for number in range(min(map(len, styles.values()))):
            class_.hand_in(f"s{number}", notebook, {name: sources[number] for name, sources in styles.items()})
    assert len(class_.submissions) >= 12
    assert class_.groups() == []


def test_the_references_own_form_the_stub_and_what_is_commonly_misunderstood_tell_nothing(class_):
    solved = {cell.name: cell.source for cell in COURSE.notebooks["perceptron"].cells if cell.solution}
    wrong = next(variant.source for variant in WRONG["perceptron"] if variant.exercise == "train")
    for student in ("ada", "bao"):
        class_.hand_in(student, "perceptron", solved)
    for student in ("carla", "deniz"):
        class_.hand_in(student, "perceptron", {})
    for student in ("emil", "fatima"):
        class_.hand_in(student, "perceptron", {"train": wrong})
    assert class_.groups() == []


def test_one_short_exercise_is_no_group_and_several_of_them_are(class_):
    short = {"activation": "by_masks", "predict": "by_einsum_without_activation", "update": "by_the_error"}
    sources = {
        exercise: next(variant.source for variant in RIGHT["perceptron"] if variant.name == name)
        for exercise, name in short.items()
    }
    class_.hand_in("ada", "perceptron", sources)
    class_.hand_in("bao", "perceptron", {"activation": sources["activation"]})
    for number in range(4):
        class_.hand_in(f"other{number}", "perceptron", {})
    assert class_.groups() == []
    class_.hand_in("carla", "perceptron", sources)
    assert [group.students for group in class_.groups()] == [("ada", "carla")]


def test_what_half_of_the_class_says_tells_nothing():
    train = fingerprints(TRAIN)
    assert len(train) > groups.ENOUGH
    few = {f"s{k}": {"train": train if k < 3 else frozenset({k})} for k in range(10)}
    many = {f"s{k}": {"train": train if k < 6 else frozenset({k})} for k in range(10)}
    assert [group.students for group in groups_of("perceptron", few, {})] == [("s0", "s1", "s2")]
    assert groups_of("perceptron", many, {}) == []


def test_how_many_are_few_grows_with_the_class():
    assert [few_of(size) for size in (2, 4, 10, 40, 100, 1000)] == [2, 2, 5, 10, 10, 100]


def test_two_files_alone_can_be_compared():
    works = {student: {"train": fingerprints(TRAIN)} for student in ("ada", "bao")}
    assert [group.students for group in groups_of("perceptron", works, {})] == [("ada", "bao")]


def test_who_shares_with_one_but_not_with_the_other_is_in_a_group_of_their_own():
    one, two = frozenset(range(40)), frozenset(range(100, 140))
    works = {"ada": {"a": one, "b": two}, "bao": {"a": one}, "carla": {"b": two}}
    works |= {f"s{k}": {"a": frozenset({-k}), "b": frozenset({-k})} for k in range(1, 8)}
    groups = groups_of("n", works, {})
    assert {(group.students, group.exercises[0].exercise) for group in groups} == {
        (("ada", "bao"), "a"),
        (("ada", "carla"), "b"),
    }


SETS = st.lists(st.frozensets(st.integers(0, 30), min_size=1, max_size=12), min_size=2, max_size=12)


@given(SETS)
def test_the_index_finds_each_pair_that_comparing_all_pairs_finds(sets):
    works = {f"s{k:02}": each for k, each in enumerate(sets)}
    clusters = groups._clusters("e", works, frozenset())
    found = {pair for cluster in clusters for pair in _pairs(cluster.students)}
    holders = {f: sum(f in each for each in sets) for each in sets for f in each}
    few = few_of(len(sets))
    for a, b in _pairs(sorted(works)):
        one, other = works[a], works[b]
        shared = [f for f in one & other if holders[f] <= few]
        if len(one & other) / len(one | other) >= groups.ALIKE and shared:
            assert (a, b) in found or any(len(cluster) > max(few, len(sets) // 2) for cluster in _linked(works, few))


def _pairs(students):
    return [(a, b) for k, a in enumerate(students) for b in students[k + 1 :]]


def _linked(works, few):
    """Students who hang together by likeness, by comparing all pairs."""
    holders = {f: sum(f in each for each in works.values()) for each in works.values() for f in each}
    linked = {student: {student} for student in works}
    for a, b in _pairs(sorted(works)):
        common = works[a] & works[b]
        if len(common) / len(works[a] | works[b]) >= groups.ALIKE and any(holders[f] <= few for f in common):
            union = linked[a] | linked[b]
            for student in union:
                linked[student] = union
    return list(linked.values())


HOSTILE = {
    "nested": "def train(X, y):\n    return " + "(" * 5000 + "X" + ")" * 5000,
    "nested lists": "def train(X, y):\n    return " + "[" * 150 + "X" + "]" * 150,
    "long sum": "def train(X, y):\n    return " + "+".join(["X"] * 5_000),
    "many statements": "def train(X, y):\n" + "    X = X + y * 2\n" * 3_000,
    "many functions": "".join(f"def f{k}():\n    return f{k + 1}\n" for k in range(1000)) + "def train():\n    f0()",
    "calls itself": "def train():\n    return helper()\ndef helper():\n    return train() or helper()",
    "no Python": "def train(:\n    oh no",
    "surrogates": "def train():\n    return '\udc80\ud800'",
    "wide name": "def train():\n    return " + "x" * 100_000,
    "magics": "%load_ext x\n!rm -rf /\ndef train():\n    return 1",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_cell_is_read_in_bounds_and_never_run(kind):
    found = ExerciseCode([HOSTILE[kind]]).fingerprints("train", {"update"})
    assert len(found) <= MAX_TOKENS


def test_a_file_that_cannot_be_read_is_passed_over(class_, tmp_path):
    for student in ("ada", "bao"):
        class_.hand_in(student, "perceptron", {"train": TRAIN})
    (tmp_path / "broken.ipynb").write_bytes(b"{")
    class_.submissions += [
        Submission("x", "perceptron", tmp_path / "broken.ipynb"),
        Submission("y", "perceptron", None),
    ]
    assert [group.students for group in class_.groups()] == [("ada", "bao")]


class Counted(frozenset):
    """A set that counts how often two of its kind are compared."""

    compared = 0

    def __and__(self, other):
        Counted.compared += 1
        return frozenset.__and__(self, other)


def test_a_thousand_students_are_compared_without_comparing_all_pairs():
    dice = random.Random(1)
    common = [dice.sample(range(300), 60) for _ in range(40)]
    works = {
        f"s{k}": {"e": Counted({*dice.choice(common), *(dice.randrange(10**9) for _ in range(40))})}
        for k in range(1000)
    }
    works["copy"] = {"e": Counted({*works["s7"]["e"]} | {-1})}
    assert [group.students for group in groups_of("n", works, {})] == [("copy", "s7")]
    assert 0 < Counted.compared < 1000 * 999 / 2 / 100


def test_groups_are_plain_data_for_the_report(class_):
    for student in ("ada", "bao"):
        class_.hand_in(student, "perceptron", {"train": TRAIN})
    import msgspec

    (group,) = json.loads(msgspec.json.encode(class_.groups()))
    assert set(group) == {"notebook", "students", "exercises", "alike", "evidence"}
