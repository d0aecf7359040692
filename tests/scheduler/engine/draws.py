"""What the model of states draws: what the channel answers, where a worker stands still, how long everybody waits."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from tests.scheduler.engine import model
from tests.scheduler.engine.model import ANSWERS, FOR_EVER, LOOKING_STEPS, OVER, SENDING_STEPS, Call

numbers = st.integers(0, 359)
LATE = timedelta(seconds=model.SETTLING)
calls = st.sampled_from(
    [
        *(Call("accepted", accepts=True, lag=lag) for lag in (timedelta(0), timedelta(0), LATE, FOR_EVER)),
        *(Call("no answer", accepts=True, lag=lag) for lag in (timedelta(0), LATE)),
        Call("an error without a name", accepts=True),
        *(Call(answer, accepts=False) for answer in [*ANSWERS, *ANSWERS, "refused for good", "no answer"]),
    ]
)
sending_until = st.just(OVER) | st.sampled_from([OVER, *SENDING_STEPS])
looks = st.sampled_from(["in time", "in time", "twice", "twice", "at once", "unreadable"])
looking_until = st.just(OVER) | st.sampled_from([OVER, *LOOKING_STEPS])
waits = st.sampled_from([timedelta(seconds=seconds) for seconds in (0.5, 2, 6, 26, 120, 1200)])
