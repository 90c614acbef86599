/* opus, as its configure script would set it for fixed point and memory of our own. */
#define OPUS_BUILD 1
#define FIXED_POINT 1
#define DISABLE_FLOAT_API 1
#define NONTHREADSAFE_PSEUDOSTACK 1
#define CUSTOM_SUPPORT 1
