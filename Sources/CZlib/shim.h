// zlib: gzip, deflate and CRC-32.
#pragma once
#include <zlib.h>
