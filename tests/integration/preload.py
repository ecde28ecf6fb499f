"""A library that is loaded into a program under test before everything else, and takes the place of what others have."""

import os


def preloaded(library, *sanitizer_options):
    """The environment for that. A sanitizer would insist on being the first library; here it is the second."""
    options = [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0", *sanitizer_options]
    return {"LD_PRELOAD": library, "ASAN_OPTIONS": ":".join(filter(None, options))}
