"""What a student's code has shown, whatever it is, is an output that a page shows as such."""

import pytest

from autograder.trusted.execution.safe_outputs import MAX_TEXT, checked_outputs


@pytest.mark.parametrize(
    "raw",
    [
        7,
        {},
        {"output_type": "update_display_data", "data": {}},
        {"output_type": "execute_result", "data": "text"},
        {"output_type": ["stream"]},
    ],
)
def test_what_is_no_output_is_dropped(raw):
    assert checked_outputs([raw]) == []


def test_only_known_media_are_kept_and_pictures_only_if_they_are_base64():
    data = {
        "text/plain": "t",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg/>",
        "image/png": "not base64!",
        "image/jpeg": "aGVsbG8=",
        "text/html": ["no", "text"],
    }
    (output,) = checked_outputs([{"output_type": "display_data", "data": data, "metadata": {"a": 1}}])
    assert output == {
        "output_type": "display_data",
        "data": {"text/plain": "t", "image/jpeg": "aGVsbG8="},
        "metadata": {},
    }


def test_texts_are_bounded_and_hold_no_control_characters_but_a_terminals():
    (output,) = checked_outputs(
        [{"output_type": "stream", "name": "x", "text": "a\x00\x07\ud800\x1b[0m" + "b" * 10**6}]
    )
    assert output["name"] == "stdout"
    assert output["text"].startswith("a?\x1b[0mbb")
    assert len(output["text"]) <= MAX_TEXT


def test_an_error_without_a_traceback_is_still_an_error():
    (output,) = checked_outputs([{"output_type": "error", "ename": None, "evalue": 3, "traceback": "no list"}])
    assert output == {"output_type": "error", "ename": "", "evalue": "", "traceback": []}


@pytest.mark.parametrize("kind", ["text/markdown", "text/latex"])
def test_formatted_text_is_said_as_it_was_written_and_not_formatted(kind):
    data = {"text/plain": "<a Markdown object>", kind: r"[x](javascript:alert(1)) $\href{javascript:alert(1)}{x}$"}
    (output,) = checked_outputs([{"output_type": "display_data", "data": data}])
    assert output["data"] == {"text/plain": data[kind]}


def test_what_an_output_says_of_itself_is_dropped():
    (output,) = checked_outputs(
        [
            {
                "output_type": "execute_result",
                "data": {"text/html": "x", "application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
                "metadata": {"text/html": {"isolated": True}, "filenames": {"image/png": "//203.0.113.1/x.png"}},
                "execution_count": "<script>",
                "svg_filename": "//203.0.113.1/x.svg",
            }
        ]
    )
    assert output == {
        "output_type": "execute_result",
        "data": {"text/html": "x"},
        "metadata": {},
        "execution_count": None,
    }
