// Written by Tests/TileLoopsTests/Generators/polynomials.py, which says what is what.
// The errors are those of the polynomials alone, in exact arithmetic with rounded coefficients.
#pragma once

// float
// TM_F32_EXP: degree 4, at most 0.086 ulp
#define TM_F32_EXP_0 0x1p-1f
#define TM_F32_EXP_1 0x1.5554dcp-3f
#define TM_F32_EXP_2 0x1.55552ap-5f
#define TM_F32_EXP_3 0x1.120c5cp-7f
#define TM_F32_EXP_4 0x1.6cfadap-10f
// TM_F32_LOG: degree 7, at most 0.16 ulp
#define TM_F32_LOG_0 0x1.555554p-2f
#define TM_F32_LOG_1 -0x1.0000cep-2f
#define TM_F32_LOG_2 0x1.999f14p-3f
#define TM_F32_LOG_3 -0x1.54d03ep-3f
#define TM_F32_LOG_4 0x1.231ce6p-3f
#define TM_F32_LOG_5 -0x1.0a33eap-3f
#define TM_F32_LOG_6 0x1.02814ep-3f
#define TM_F32_LOG_7 -0x1.43b246p-4f
// TM_F32_ATANH: degree 4, at most 0.008 ulp
#define TM_F32_ATANH_0 0x1.555556p-1f
#define TM_F32_ATANH_1 0x1.9998d4p-2f
#define TM_F32_ATANH_2 0x1.24c926p-2f
#define TM_F32_ATANH_3 0x1.bc8cf8p-3f
#define TM_F32_ATANH_4 0x1.dba26p-3f
// TM_F32_SIN: degree 3, at most 0.028 ulp
#define TM_F32_SIN_0 -0x1.555556p-3f
#define TM_F32_SIN_1 0x1.11110ep-7f
#define TM_F32_SIN_2 -0x1.a013a2p-13f
#define TM_F32_SIN_3 0x1.6dbbeep-19f
// TM_F32_COS: degree 3, at most 0.0055 ulp
#define TM_F32_COS_0 0x1.555556p-5f
#define TM_F32_COS_1 -0x1.6c16cp-10f
#define TM_F32_COS_2 0x1.a015cp-16f
#define TM_F32_COS_3 -0x1.2522e6p-22f
#define TM_F32_LN2_0 0x1.62e4p-1f
#define TM_F32_LN2_1 0x1.7f7d1cp-20f
#define TM_F32_LOG2E 0x1.715476p+0f

// double
// TM_F64_EXP: degree 9, at most 0.073 ulp
#define TM_F64_EXP_0 0x1.0000000000001p-1
#define TM_F64_EXP_1 0x1.5555555555555p-3
#define TM_F64_EXP_2 0x1.5555555553d07p-5
#define TM_F64_EXP_3 0x1.1111111111288p-7
#define TM_F64_EXP_4 0x1.6c16c178afbdbp-10
#define TM_F64_EXP_5 0x1.a01a01a2fc8f4p-13
#define TM_F64_EXP_6 0x1.a019b882126dep-16
#define TM_F64_EXP_7 0x1.71de1cb7bcc2ap-19
#define TM_F64_EXP_8 0x1.28922a6352bfep-22
#define TM_F64_EXP_9 0x1.af1997564b3aap-26
// TM_F64_LOG: degree 6, at most 0.02 ulp
#define TM_F64_LOG_0 0x1.5555555555558p-1
#define TM_F64_LOG_1 0x1.99999999952e2p-2
#define TM_F64_LOG_2 0x1.2492492df1491p-2
#define TM_F64_LOG_3 0x1.c71c62e57fca7p-3
#define TM_F64_LOG_4 0x1.7462b4ab3d096p-3
#define TM_F64_LOG_5 0x1.39fe6063c42c6p-3
#define TM_F64_LOG_6 0x1.2b584abe1acc3p-3
// TM_F64_ATANH: degree 10, at most 0.0094 ulp
#define TM_F64_ATANH_0 0x1.5555555555555p-1
#define TM_F64_ATANH_1 0x1.9999999999944p-2
#define TM_F64_ATANH_2 0x1.2492492499d46p-2
#define TM_F64_ATANH_3 0x1.c71c71bedea95p-3
#define TM_F64_ATANH_4 0x1.745d19937b25ap-3
#define TM_F64_ATANH_5 0x1.3b13515f6ef24p-3
#define TM_F64_ATANH_6 0x1.111abdc8b85cp-3
#define TM_F64_ATANH_7 0x1.e0a2d58087f18p-4
#define TM_F64_ATANH_8 0x1.bc37f01c32946p-4
#define TM_F64_ATANH_9 0x1.32e0d23bf684cp-4
#define TM_F64_ATANH_10 0x1.401d3e81d305fp-3
// TM_F64_SIN: degree 6, at most 0.029 ulp
#define TM_F64_SIN_0 -0x1.5555555555555p-3
#define TM_F64_SIN_1 0x1.111111111111p-7
#define TM_F64_SIN_2 -0x1.a01a01a019926p-13
#define TM_F64_SIN_3 0x1.71de3a545e7p-19
#define TM_F64_SIN_4 -0x1.ae64540f0ba13p-26
#define TM_F64_SIN_5 0x1.61217c1864ca9p-33
#define TM_F64_SIN_6 -0x1.ab161757d924ap-41
// TM_F64_COS: degree 6, at most 0.0055 ulp
#define TM_F64_COS_0 0x1.5555555555555p-5
#define TM_F64_COS_1 -0x1.6c16c16c16c16p-10
#define TM_F64_COS_2 0x1.a01a01a019d02p-16
#define TM_F64_COS_3 -0x1.27e4fb7711e17p-22
#define TM_F64_COS_4 0x1.1eed8de9eef47p-29
#define TM_F64_COS_5 -0x1.9394b76c7a35p-37
#define TM_F64_COS_6 0x1.ab76cf1c7f762p-45
#define TM_F64_LN2_0 0x1.62e42fefa4p-1
#define TM_F64_LN2_1 -0x1.8432a1b0e2634p-43
#define TM_F64_LOG2E 0x1.71547652b82fep+0
#define TM_F64_HALF_PI_0 0x1.921fb544p+0
#define TM_F64_HALF_PI_1 0x1.0b4611a6p-34
#define TM_F64_HALF_PI_2 0x1.3198a2e037073p-69
#define TM_F64_TWO_OVER_PI 0x1.45f306dc9c883p-1
