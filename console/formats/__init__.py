"""How a moment is written on every page: see `en_GB.formats`. Django finds it by FORMAT_MODULE_PATH."""
