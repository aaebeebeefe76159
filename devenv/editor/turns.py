"""One edit of a process at a time: libaugeas, and what is remembered of the last texts, are no thread's own.

Where there may be threads, whoever opens a document holds ONE_AT_A_TIME until it is done with it. Nobody waits for a
file's lock with it in hand: who has that may be waiting for this one.
"""

# not threading, which is a library to load
from _thread import RLock

ONE_AT_A_TIME = RLock()
