package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of every field of config.json: read, harmless, or refused by name.
class ModelConfigFileTest {
    @TempDir
    private Path folder;

    private ConfigFile config() {
        return new ConfigFile(folder);
    }

    private ConfigFile config(String fields) {
        return config().with(fields);
    }

    private void refuses(String fields, String... parts) {
        config(fields).refuses("config.json", parts);
    }

    @Test
    void whatIsLeftOutHasTheFamilysDefault() {
        var llama = config().read();
        assertEquals(new ModelConfig("llama", 64, 2, 4, 4, 16, 96, 300, 1e-6, 2048, false, false, false,
                new RopeConfig(10_000, new RopeConfig.Scaling.None()), List.of(2)), llama);
        assertEquals(8, config("{'model_type': 'mistral', 'num_attention_heads': 16}").read().groups());
        assertEquals(32, config("{'model_type': 'qwen2', 'num_attention_heads': 32, 'hidden_size': 256}").read()
                .groups());
        for (String family : List.of("llama", "mistral", "qwen2")) {
            assertEquals(4, config("{'num_key_value_heads': null}").with("{'model_type': '" + family + "'}").read()
                    .groups(), family);
        }
    }

    @Test
    void nullIsAsGoodAsNothingWhereNoDefaultDiffers() {
        var config = config("{'head_dim': null, 'rope_scaling': null, 'rms_norm_eps': null, 'rope_theta': null,"
                + "'quantization_config': null, 'attention_bias': null, 'tie_word_embeddings': null}");
        assertEquals(config().read(), config.read());
    }

    @Test
    void numbersMayBeWrittenWithOrWithoutAPoint() {
        assertEquals(500_000, config("{'rope_theta': 500000}").read().rope().theta());
        assertEquals(500_000, config("{'rope_theta': 5e5}").read().rope().theta());
        refuses("{'hidden_size': 64.5}", "field hidden_size: wanted an integer, got 64.5");
        refuses("{'rope_theta': '10000'}", "field rope_theta: wanted a number, got \"10000\"");
    }

    @Test
    void biasesAreTheFamilys() {
        assertTrue(config("{'model_type': 'qwen2', 'num_key_value_heads': 2}").read().attentionBias());
        assertFalse(config("{'attention_bias': false}").read().attentionBias());
        refuses("{'attention_bias': true}", "field attention_bias: wanted false for a llama", "got true");
        refuses("{'model_type': 'mistral', 'attention_bias': true}", "wanted false for a mistral");
        refuses("{'mlp_bias': true}", "field mlp_bias: wanted false, got true");
    }

    @ParameterizedTest
    @CsvSource({"mistral, null, , 2048", "mistral, 512, , 512", "mistral, 4096, , 2048", "llama, 512, , 512",
        "llama, null, , 2048", "qwen2, 512, false, 2048", "qwen2, 512, true, 512", "qwen2, 512, , 2048"})
    void aSlidingWindowEndsTheContext(String family, String window, Boolean used, int context) {
        var config = config("{'model_type': '" + family + "', 'num_key_value_heads': 2, 'max_window_layers': 0,"
                + "'sliding_window': " + window + "}");
        if (used != null) {
            config.with("{'use_sliding_window': " + used + "}");
        }
        assertEquals(context, config.read().contextLength());
    }

    @Test
    void theWindowThatIsNotSpokenOfIsTheFamilysDefault() {
        var config = config("{'max_position_embeddings': 32768, 'num_key_value_heads': 2, 'model_type': 'mistral'}");
        assertEquals(4096, config.read().contextLength());
        config.with("{'model_type': 'qwen2'}");
        assertEquals(32_768, config.read().contextLength());
        config.with("{'use_sliding_window': true, 'max_window_layers': 1}");
        assertEquals(4096, config.read().contextLength());
        config.with("{'max_window_layers': 2}");
        assertEquals(32_768, config.read().contextLength());
    }

    @Test
    void layersMaySayThemselvesWhetherTheySlide() {
        var config = config("{'model_type': 'qwen2', 'num_key_value_heads': 2, 'use_sliding_window': true,"
                + "'sliding_window': 100, 'layer_types': ['full_attention', 'sliding_attention']}");
        assertEquals(100, config.read().contextLength());
        config.with("{'layer_types': ['full_attention', 'full_attention'], 'max_window_layers': 0}");
        assertEquals(2048, config.read().contextLength());
        config.with("{'layer_types': ['full_attention', 'linear_attention']}").refuses("config.json",
                "field layer_types: wanted full_attention or sliding_attention, got linear_attention");
        config.with("{'layer_types': ['sliding_attention'], 'use_sliding_window': false}").refuses("config.json",
                "field layer_types: wanted full_attention alone where no sliding_window is used");
    }

    @Test
    void theHeadWidthDividesTheWidthUnlessItIsGiven() {
        assertEquals(24, config("{'head_dim': 24}").read().headWidth());
        refuses("{'hidden_size': 66}", "field hidden_size: wanted a multiple of num_attention_heads, which is 4");
        refuses("{'num_attention_heads': 0}", "num_attention_heads is 0, wanted above 0");
        refuses("{'head_dim': 65536, 'num_attention_heads': 65536}", "wanted matrices of less than 2^31 outputs");
        refuses("{'num_key_value_heads': 3}", "wanted a multiple of num_key_value_heads, which is 3");
    }

    @Test
    void gatesAreNoModel() {
        String gates = "{'seerattn_gate_type': 'Qavg_Kmaxminavg'}";
        config(gates).without("hidden_size").refuses("config.json",
                "wanted the configuration of a model, got that of attention gates, which belong to one");
        assertEquals(64, config(gates).read().width()); // upstream's say whose they are
    }

    @Test
    void onlyTheFourFamiliesAreRead() {
        refuses("{'model_type': 'gemma'}", "field model_type: wanted one of [llama, mistral, qwen2, qwen3], got gemma");
        config().without("model_type").refuses("config.json", "field model_type: wanted a string, got nothing");
        assertEquals(64, config("{'architectures': ['LlamaForCausalLM']}").read().width());
        assertEquals(64, config("{'architectures': ['LLaMAForCausalLM']}").read().width());
        assertEquals(64, config("{'architectures': ['MistralForCausalLM']}").read().width());
        for (String other : List.of("LlamaForSequenceClassification", "Qwen2ForCausalLM", "LlamaForCausalLMEagle3")) {
            refuses("{'architectures': ['" + other + "']}", "field architectures: wanted [LlamaForCausalLM], got "
                    + other);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'hidden_act': 'gelu'", "'hidden_activation': 'relu'", "'partial_rotary_factor': 0.5",
        "'quantization_config': {'quant_method': 'gptq'}", "'quantization': {'bits': 4}", "'use_mrope': true",
        "'compression_config': {}", "'dual_chunk_attention_config': {'chunk_size': 8}", "'is_causal': false",
        "'auto_map': {'AutoModelForCausalLM': 'modeling_other.Other'}", "'logits_scaling': 8.0",
        "'final_logit_softcapping': 30.0", "'embedding_multiplier': 12", "'use_qk_norm': true", "'alibi': true",
        "'num_local_experts': 8", "'no_rope_layers': [0]", "'attention_chunk_size': 8192", "'rms_norm_eps': 1"})
    void whatChangesTheResultIsRefusedByName(String field) {
        refuses("{" + field + "}", field.substring(1, field.indexOf('\'', 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'hidden_act': 'silu'", "'hidden_act': 'swish'", "'partial_rotary_factor': 1.0",
        "'torch_dtype': 'bfloat16'", "'dtype': 'float16'", "'dtype': 'float32', 'torch_dtype': 'bfloat16'",
        "'pretraining_tp': 2", "'attention_dropout': 0.1", "'use_cache': false", "'bos_token_id': [1, 2]",
        "'pad_token_id': -1", "'transformers_version': '5.0.0'", "'logits_scaling': 1", "'mlp_bias': false",
        "'initializer_range': 0.02", "'_name_or_path': '/x'", "'auto_map': {'AutoTokenizer': 'a.b'}"})
    void whatChangesNothingIsTaken(String fields) {
        assertEquals(config().read(), config("{" + fields + "}").read());
    }

    @Test
    void idsOfTheEndMayBeOneOrMany() {
        assertEquals(List.of(), config().without("eos_token_id").read().endOfText());
        assertEquals(List.of(7, 8), config("{'eos_token_id': [7, 8, 7]}").read().endOfText());
        refuses("{'eos_token_id': '</s>'}", "field eos_token_id: wanted a list of integers, got \"</s>\"");
        refuses("{'eos_token_id': 300}", "field eos_token_id: wanted ids from 0 to 299", "got 300");
        refuses("{'eos_token_id': [1, -1]}", "wanted ids from 0 to 299", "got -1");
    }

    @Test
    void theGenerationConfigNamesTheEndsItself() {
        assertEquals(List.of(2, 5, 6), config().generation("{'eos_token_id': [5, 6, 2], 'do_sample': true}").read()
                .endOfText());
        assertEquals(List.of(5), config().generation("{'eos_token_id': 5}").read().endOfText());
        assertEquals(List.of(2), config().generation("{'temperature': 0.6, 'bos_token_id': 1}").read().endOfText());
        config().generation("{'eos_token_id': [5, 300]}").refuses("generation_config.json", "wanted ids from 0 to 299");
        for (String field : List.of("min_length", "min_new_tokens", "no_repeat_ngram_size")) {
            config().generation("{'" + field + "': 3}").refuses("generation_config.json",
                    "field " + field + ": wanted 0 or nothing");
            config().generation("{'" + field + "': 0, 'guidance_scale': null}").read();
        }
        config().generation("{'guidance_scale': 1.5}").refuses("generation_config.json", "guidance_scale: wanted 1");
        config().generation("{'stop_strings': ['STOP']}").refuses("generation_config.json",
                "field stop_strings: wanted nothing", "got [\"STOP\"]");
        assertEquals(List.of(2), config().generation("{'suppress_tokens': [], 'forced_eos_token_id': null}").read()
                .endOfText());
    }
}
