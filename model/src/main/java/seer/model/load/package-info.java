/// Files of weights, read and written: nothing is executed, everything is checked before it is used, and a complaint is
/// one sentence with the file and the field.
///
/// ```text
/// folder of .safetensors --SafetensorsFolder--+
/// one .gguf ---------------GgufFile-----------+--> WeightStore --> WeightTensor (a view of mapped bytes) --> Arena
/// nothing, by lot ---------GeneratedWeights---+
/// .pth of gates -----------PthFile--------------> TensorFile
/// ```
///
/// What becomes of every field: docs/formats.md. Whatever is written goes through [AtomicFile].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model.load;
