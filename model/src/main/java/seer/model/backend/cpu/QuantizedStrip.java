package seer.model.backend.cpu;

/// Where the weights of a strip lie, for kernels that read all of it: see [QuantizedPanel].
///
/// @param data  heads and words
/// @param heads the element of the first
/// @param words the element of the first
/// @param part  inputs that have a scale in common
/// @param shift a power of two: parts of a block
/// @param based whether there are bases
/// @param steps what scales of parts are multiplied with, or null
/// @param lifts the same for bases, or null
/// @param step  the element of the first of both
record QuantizedStrip(int[] data, int heads, int words, int part, int shift, boolean based, byte[] steps, byte[] lifts,
                      int step) { }
