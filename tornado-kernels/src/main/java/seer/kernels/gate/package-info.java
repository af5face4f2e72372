/// Which blocks to compute: from queries and keys before rotation to lists.
///
/// ```text
///   k [G, T, D] -BlockPooling-> [G, N, I] -GateProjection-> [H, N, E] -Rope-> k' -+
///                                                                                +-GateScore-> rows -rule-> lists
///   q [H, T, D] -BlockPooling-> [H, N, D] ----------------------------Rope-> q' -+
///               \______________ GateVectors, at once ______________________/ \_ TopSelection, ThresholdSelection _/
/// ```
/// The steps one by one are how they are best read and tested; at once they are two launches. Letters, layouts and `p`
/// are those of [seer.kernels].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.kernels.gate;
