#include "CTileLoops.h"
