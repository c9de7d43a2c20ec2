"""Windows' own protection of a secret for this user on this machine; nothing elsewhere."""

import sys

PRESENT = sys.platform == "win32"

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    NO_WINDOWS = 0x1

    class _Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    def _call(name: str, data: bytes) -> bytes:
        function = getattr(ctypes.WinDLL("crypt32", use_last_error=True), name)
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.LocalFree.argtypes = [ctypes.c_void_p]
        buffer = ctypes.create_string_buffer(data, len(data))
        given, made = _Blob(len(data), buffer), _Blob()
        if not function(
            ctypes.byref(given), None, None, None, None, NO_WINDOWS, ctypes.byref(made)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            return ctypes.string_at(made.data, made.size)
        finally:
            kernel.LocalFree(made.data)


def protect(data: bytes) -> bytes:
    """Bound to this user and machine; raises OSError where there is no such service."""
    if sys.platform == "win32":
        return _call("CryptProtectData", data)
    raise OSError("no DPAPI here")


def unprotect(data: bytes) -> bytes:
    """Raises OSError on another machine or for another user."""
    if sys.platform == "win32":
        return _call("CryptUnprotectData", data)
    raise OSError("no DPAPI here")
