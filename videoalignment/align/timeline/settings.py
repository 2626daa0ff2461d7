"""The constants of placing many recordings, each with what it is for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TimelineSettings:
    """All constants between measured pairs and a timeline."""

    # ------------------------------------------------------------------ what a pair's word is worth
    surest: float = 0.98
    """No pair counts as surer: music that repeats itself and shared jingles make a few sure pairs
    wrong, and a pair must not outweigh all that speaks against it."""
    surest_among_wrong: float = 0.3
    """Where many sure pairs turn out wrong, no pair counts as surer than one less twice the share
    of wrong ones, but for this: then a pair that no other confirms places nothing, and two that
    agree still do."""
    wrong_before: float = 0.1
    claims_before: float = 10.0
    """That share before any pair was seen: so many wrong pairs of so many."""
    least_sure: float = 0.002
    """Nor as less sure: a guess may be right."""
    most_doubt: float = 2.0
    """Log odds that what joins two parts must be worth beyond the least confidence, at most. A
    pair's confidence is of two files that meet as often as not; among many files few do, and one
    pair in thousands looks as if it did: the fewer claim to meet, the more doubtful is each. That
    another one agrees outweighs it."""
    pairs_before: float = 10.0
    """As if, before any was compared, so many pairs had claimed to meet and as many had not: of a
    few files nothing is doubted."""
    proposes_from: float = 0.2
    """Confidence from which a pair may say where files are tried; others only confirm."""
    agreement: float = 4.0
    """What it adds (log odds) that a further pair agrees with where files lie already. By chance
    that happens once in fifty to a hundred; but recordings that share a jingle agree
    with each other wherever the jingle leads, so it is not worth more."""
    guess_below: float = 0.4
    agreement_of_guesses: float = 1.0
    """The same of a pair that is less likely than so by itself: a passage of music that sounds like
    one of another event's is found in all that recorded that, at one place, which are no
    independent witnesses. Of 100 files of 25 events this had joined three events."""
    miss_by_sound: float = 1.2
    """What it takes away (log odds) that two files would share seconds and their sounds were not
    found to: in takes of one event about one in twelve is missed, and two in three of very noisy
    ones; 0.3 of all is taken as the rule."""
    miss_by_picture: float = 0.4
    """The same by picture, where another viewpoint of the same moment cannot be found."""
    refuted: float = 10.0
    """The same that two pictures lie over each other there and show another moment: that sounds
    agree, however many, is then music that repeats itself."""
    miss_from_s: float = 2.0
    miss_full_s: float = 8.0
    """Seconds shared from which a miss says something, and from which it says all that it can."""

    # ------------------------------------------------------------------ roughly the same place
    near_s: float = 0.5
    """Pairs agree roughly within this: a sound may be 0.2 s late against its picture, in both."""
    near_log_rate: float = 2e-3
    """... and where their rates differ by less."""
    clock_log_rate: float = 5e-4
    """Clocks of recorders differ by less; a speed that differs by more is a changed copy's."""
    drift_slack: float = 1.2e-4
    """What clocks that were not looked at may add to a difference, seconds a second of the two
    files."""

    # ------------------------------------------------------------------ exactly the same place
    sigmas: float = 3.3
    """Standard errors beyond which a pair contradicts the rest."""
    least_tolerance_s: float = 0.012
    """No contradiction below this: sound takes 3 ms a metre, and frames last 20 to 40 ms."""
    sparse_s: float = 0.06
    """Pictures that last longer are sparse: such footage loses whole frames where it is cut or put
    on another clock, and a lag of one of them is no lag of the sound..."""
    about_a_frame: float = 0.06
    """... when it is one to within this share of it."""
    lag_tolerance_s: float = 0.015
    """Sound that is late by less against its picture is not called late."""
    tie_sigma_s: float = 0.003
    """Standard deviation of what is not called late: sound takes 3 ms a metre, and a picture that
    was put on another frame rate lies some milliseconds off as a whole."""
    stamped: float = 0.58
    """Root of the mean square of a share that may be anything from 0 to 1: a picture was taken
    between the middle of the span in which it is shown and the begin of that, nobody knows when."""
    least_rate_tolerance: float = 2e-5
    """No rates contradict each other below this."""
    rate_cost: float = 0.5
    """That a pair's rate is wrong though its place is right costs this much of a wrong pair."""
    tie_cost: float = 0.9
    """That a file's sound is late costs this much of a wrong pair: it happens as often."""
    told_by: float = 0.5
    """By how much of a wrong pair the best explanation must be better than one in which a file's
    sound is not late (or is), so that its lag counts as known."""
    clock_sigma: float = 5e-5
    """Standard deviation of recorders' clocks around each other, seconds a second."""
    picture_rate_sigma: float = 5e-4
    """A picture's line keeps speed 1 where little speaks against it, whatever its clock: it does
    not tell clocks apart."""
    sound_rate_sigma: float = 2e-6
    """No sound tells rates better."""

    # ------------------------------------------------------------------ marks
    weak_below: float = 0.95
    """A file that hangs on one pair is marked where that one is less sure, all considered."""


SETTINGS = TimelineSettings()
