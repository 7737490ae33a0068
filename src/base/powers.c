#include "base/powers.h"

/* Which are 5^0 to 5^26, too. */
const uint64_t ocelot_short_powers[OCELOT_SHORT_POWERS] = {
    0x8000000000000000, 0xa000000000000000, 0xc800000000000000, 0xfa00000000000000, 0x9c40000000000000, 0xc350000000000000, 0xf424000000000000,
    0x9896800000000000, 0xbebc200000000000, 0xee6b280000000000, 0x9502f90000000000, 0xba43b74000000000, 0xe8d4a51000000000, 0x9184e72a00000000,
    0xb5e620f480000000, 0xe35fa931a0000000, 0x8e1bc9bf04000000, 0xb1a2bc2ec5000000, 0xde0b6b3a76400000, 0x8ac7230489e80000, 0xad78ebc5ac620000,
    0xd8d726b7177a8000, 0x878678326eac9000, 0xa968163f0a57b400, 0xd3c21bcecceda100, 0x84595161401484a0, 0xa56fa5b99019a5c8,
};

/* The first 192 bits of 10^(27 n) for n = -13..12, cut off. */
enum { STEP = 27, LEAST = -351 };
static const uint64_t large[][3] = {
    {0x8049a4ac0c5811ae, 0x205b896d777d6278, 0xac261e9f5141430b}, /* -351 */
    {0xcf42894a5dce35ea, 0x52064cac828675b9, 0x475f2b7d7df1ad7a}, /* -324 */
    {0xa76c582338ed2621, 0xaf2af2b80af6f24e, 0x657c8f4d43323a36}, /* -297 */
    {0x873e4f75e2224e68, 0x5a7744a6e804a291, 0xcc35eddfcf0996d7}, /* -270 */
    {0xda7f5bf590966848, 0xaf39a475506a899e, 0xa30294cc2934e662}, /* -243 */
    {0xb080392cc4349dec, 0xbd8d794d96aacfb3, 0xfe13a5c86af64418}, /* -216 */
    {0x8e938662882af53e, 0x547eb47b7282ee9c, 0x41b0230e1421487d}, /* -189 */
    {0xe65829b3046b0afa, 0x0cb4a5a3112a5112, 0xa3b561b1cb208396}, /* -162 */
    {0xba121a4650e4ddeb, 0x92f34d62616ce413, 0x21a0183e10583cd3}, /* -135 */
    {0x964e858c91ba2655, 0x3a6a07f8d510f86f, 0xe9082f25e9c5e9ec}, /* -108 */
    {0xf2d56790ab41c2a2, 0xfae27299423fb9c3, 0x3695dad7e8858901}, /* -81 */
    {0xc428d05aa4751e4c, 0xaa97e14c3c26b886, 0x96842dc95323f5a8}, /* -54 */
    {0x9e74d1b791e07e48, 0x775ea264cf55347d, 0xca49f1c05120c9c7}, /* -27 */
    {0x8000000000000000, 0x0000000000000000, 0x0000000000000000}, /* 0 */
    {0xcecb8f27f4200f3a, 0x0000000000000000, 0x0000000000000000}, /* 27 */
    {0xa70c3c40a64e6c51, 0x999090b65f67d924, 0x0000000000000000}, /* 54 */
    {0x86f0ac99b4e8dafd, 0x69a028bb3ded71a3, 0xdf9f915627c04e28}, /* 81 */
    {0xda01ee641a708de9, 0xe80e6f4820cc9495, 0xd74baad03bc1d8d3}, /* 108 */
    {0xb01ae745b101e9e4, 0x5ec05dcff72e7f8f, 0xc04c79ffe324301f}, /* 135 */
    {0x8e41ade9fbebc27d, 0x14588f13be847307, 0x23bd6a2059c002f5}, /* 162 */
    {0xe5d3ef282a242e81, 0x8f1668c8a86da5fa, 0xf0b5ccf5176ecc7c}, /* 189 */
    {0xb9a74a0637ce2ee1, 0x6d953e2bd7173692, 0x88efb0037ac08bde}, /* 216 */
    {0x95f83d0a1fb69cd9, 0x4abdaf101564f98e, 0x0d5a4af7b3a98e47}, /* 243 */
    {0xf24a01a73cf2dccf, 0xbc633b39673c8cec, 0x3d9c44cd2f36917c}, /* 270 */
    {0xc3b8358109e84f07, 0x0a862f80ec4700c8, 0x02606ea01029dc37}, /* 297 */
    {0x9e19db92b4e31ba9, 0x6c07a2c26a8346d1, 0x4944d9f52cd0dec2}, /* 324 */
};

/* 10^-27 to 10^-1, what most numbers need that are read; of 10^0 to 10^26, which most need that are printed, `ocelot_short_powers` has all bits. */
static const struct ocelot_wide near[] = {
    {0x9e74d1b791e07e48, 0x775ea264cf55347d}, /* -27 */
    {0xc612062576589dda, 0x95364afe032a819d}, /* -26 */
    {0xf79687aed3eec551, 0x3a83ddbd83f52204}, /* -25 */
    {0x9abe14cd44753b52, 0xc4926a9672793542}, /* -24 */
    {0xc16d9a0095928a27, 0x75b7053c0f178293}, /* -23 */
    {0xf1c90080baf72cb1, 0x5324c68b12dd6338}, /* -22 */
    {0x971da05074da7bee, 0xd3f6fc16ebca5e03}, /* -21 */
    {0xbce5086492111aea, 0x88f4bb1ca6bcf584}, /* -20 */
    {0xec1e4a7db69561a5, 0x2b31e9e3d06c32e5}, /* -19 */
    {0x9392ee8e921d5d07, 0x3aff322e62439fcf}, /* -18 */
    {0xb877aa3236a4b449, 0x09befeb9fad487c2}, /* -17 */
    {0xe69594bec44de15b, 0x4c2ebe687989a9b3}, /* -16 */
    {0x901d7cf73ab0acd9, 0x0f9d37014bf60a10}, /* -15 */
    {0xb424dc35095cd80f, 0x538484c19ef38c94}, /* -14 */
    {0xe12e13424bb40e13, 0x2865a5f206b06fb9}, /* -13 */
    {0x8cbccc096f5088cb, 0xf93f87b7442e45d3}, /* -12 */
    {0xafebff0bcb24aafe, 0xf78f69a51539d748}, /* -11 */
    {0xdbe6fecebdedd5be, 0xb573440e5a884d1b}, /* -10 */
    {0x89705f4136b4a597, 0x31680a88f8953030}, /* -9 */
    {0xabcc77118461cefc, 0xfdc20d2b36ba7c3d}, /* -8 */
    {0xd6bf94d5e57a42bc, 0x3d32907604691b4c}, /* -7 */
    {0x8637bd05af6c69b5, 0xa63f9a49c2c1b10f}, /* -6 */
    {0xa7c5ac471b478423, 0x0fcf80dc33721d53}, /* -5 */
    {0xd1b71758e219652b, 0xd3c36113404ea4a8}, /* -4 */
    {0x83126e978d4fdf3b, 0x645a1cac083126e9}, /* -3 */
    {0xa3d70a3d70a3d70a, 0x3d70a3d70a3d70a3}, /* -2 */
    {0xcccccccccccccccc, 0xcccccccccccccccc}, /* -1 */
};

/* 192 + 64 bits of a product, of which the first 128 are kept. What is cut off from `large` moves the product by less than one in its 192nd bit,
 * which reaches the 128th for none of the exponents (tests/unit/base_number.c compares all of them with exact powers). */
struct ocelot_wide ocelot_power_of_ten(int exponent)
{
    if (exponent >= -STEP && exponent < 0)
        return near[exponent + STEP];
    if (exponent >= 0 && exponent < STEP)
        return (struct ocelot_wide){ocelot_short_powers[exponent], 0};
    int n = (exponent - LEAST) / STEP, s = (exponent - LEAST) % STEP;
    const uint64_t *base = large[n];
    struct ocelot_wide top = ocelot_wide_product(base[0], ocelot_short_powers[s]), middle = ocelot_wide_product(base[1], ocelot_short_powers[s]),
                       last = ocelot_wide_product(base[2], ocelot_short_powers[s]);
    uint64_t third = middle.low + last.high;
    uint64_t carry = third < middle.low;
    uint64_t low = top.low + middle.high;
    uint64_t high = top.high + (low < top.low);
    low += carry;
    high += low < carry;
    if (high >> 63)
        return (struct ocelot_wide){high, low};
    return (struct ocelot_wide){high << 1 | low >> 63, low << 1 | third >> 63};
}
