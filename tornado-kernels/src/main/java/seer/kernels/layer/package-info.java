/// The transformer around attention. [MatMul] is the one to read: tiles in local memory and in registers, with nothing
/// else in the way. The others are bound by memory, one item an element or one group a row.
///
/// ```text
///   tokens -Embedding-> x -RmsNorm-> . -MatMul-> . -HeadSplit-> q, k, v;  q, k -Rope-> rotated   (then attention)
///   x -RmsNorm-> . -MatMul-> . -SwiGlu-> . -MatMul-> += x;      at last  -MatMul-> logits -TokenScore-> likelihoods
/// ```
/// The way back, for training: [TokenSlope], [RmsNormBackward], [SwiGluBackward], [HeadJoin], [EmbeddingBackward] and
/// [ColumnSum]; products go back through [Transpose] and [MatMul], and to their matrices by [WeightSlope]; [WeightStep]
/// changes weights. In tiles: [TileSwiGluBackward], [TileHeadJoin], [TileTurn], [TileWeights], [WeightSlopeMma].
///
/// Letters, layouts and `p` are those of [seer.kernels].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.kernels.layer;
