/// From text to tokens and back, as a model's own files describe it: no tokenizer is built in.
///
/// ```text
/// text --AddedTokens, TextNormalizer, PreTokenizer--> words --BytePairs, Merges--> tokens --Surroundings--> ids
/// ids --TokenDecoder, StreamDecoder--> text        conversation --ChatTemplate--> text with special tokens
/// ```
///
/// [TokenizerFile] reads Hugging Face's tokenizer.json, [GgufTokenizer] what a GGUF file has inside; both give a
/// [BpeTokenizer]. Regular expressions are Oniguruma's; the common ones are one pass by hand ([WordScanner]).
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model.text;
