// libpng, which reads and writes PNG files; CPNGFile alone calls it.
#pragma once
#include <png.h>
