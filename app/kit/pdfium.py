"""PDFium knows no threads: whoever reads or draws a PDF holds this meanwhile."""

from threading import RLock

one_at_a_time = RLock()
