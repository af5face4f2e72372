/// Where the arithmetic happens: one interface, [Backend], with every operation that a model and its selectors
/// are made of.
///
/// | type                                        | is                                                          |
/// |---------------------------------------------|-------------------------------------------------------------|
/// | [Arena]                                     | memory with an owner; everything below lives in one         |
/// | [Tensor], [Matrix], [KeyValueCache]         | what is computed with, laid out as the backend likes        |
/// | [Contract]                                  | what operands have to be like, checked first by every one   |
/// | [Rotary], [GateSide], [GateChunk]           | what an operation is told beside its operands               |
/// | [TokenScores], [BackendInfo], [DeviceInfo]  | what comes out, and what ran                                |
///
/// Implementations are [seer.model.backend.cpu] and [seer.model.backend.tornado]; only `Backends` names them, and all
/// pass the same facts (`AttentionFacts`, `LayerFacts`, `SelectionFacts`, `ArenaFacts` in the tests).
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model.backend;
