package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a configuration says how heads are rotated, and what it must not say.
class RopeFileTest {
    private static final String LLAMA3 = "'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
            + "'high_freq_factor': 4.0, 'original_max_position_embeddings': 8192";

    @TempDir
    private Path folder;

    private ModelConfig config(String fields) {
        return new ConfigFile(folder).with("{" + fields + "}").read();
    }

    private RopeConfig rope(String fields) {
        return config(fields).rope();
    }

    private void refuses(String fields, String... parts) {
        new ConfigFile(folder).with("{" + fields + "}").refuses("config.json", parts);
    }

    @Test
    void bothPlacesMeanTheSame() {
        var plain = new RopeConfig(5e5, new RopeConfig.Scaling.None());
        assertEquals(plain, rope("'rope_theta': 500000"));
        assertEquals(plain, rope("'rope_parameters': {'rope_theta': 500000, 'rope_type': 'default'}"));
        assertEquals(plain, rope("'rope_theta': 5e5, 'rope_parameters': {'rope_theta': 500000}"));
        var stretched = new RopeConfig(5e5, new RopeConfig.Scaling.Llama3(8, 1, 4, 8192));
        assertEquals(stretched, rope("'rope_theta': 5e5, 'rope_scaling': {" + LLAMA3 + "}"));
        assertEquals(stretched, rope("'rope_parameters': {'rope_theta': 5e5, " + LLAMA3 + "}"));
        assertEquals(stretched, rope("'rope_parameters': {'rope_theta': 5e5, " + LLAMA3 + "}, 'rope_scaling': {"
                + LLAMA3 + "}"));
        String without = LLAMA3.replace("'original_max_position_embeddings': 8192", "'rope_theta': 5e5");
        assertEquals(stretched, rope("'original_max_position_embeddings': 8192, 'rope_scaling': {" + without + "}"));
        assertEquals(stretched, rope("'original_max_position_embeddings': 8192, 'rope_parameters': {'rope_theta': 5e5, "
                + LLAMA3 + "}"));
        assertEquals(new RopeConfig.Scaling.Linear(4), rope("'rope_scaling': {'type': 'linear', 'factor': 4}")
                .scaling());
    }

    /// At theta 10000 and width 8 the plain frequencies are 1, 0.1, 0.01, 0.001.
    @Test
    void scalingChangesTheFrequencies() {
        assertArrayEquals(new double[] {0.25, 0.025, 0.0025, 0.00025},
                rope("'rope_scaling': {'type': 'linear', 'factor': 4}").rotary(8, 100).inverseFrequency(), 1e-15);
        double[] got = rope("'rope_parameters': {" + LLAMA3 + "}").rotary(8, 100).inverseFrequency();
        double turns = 8192 * 0.001 / (2 * Math.PI);
        double kept = (turns - 1) / 3;
        assertArrayEquals(new double[] {1, 0.1, 0.01, 0.001 * kept + 0.001 / 8 * (1 - kept)}, got, 1e-15);
    }

    /// Numbers of transformers' own formulas.
    @Test
    void yarnDividesSlowPairsAndLengthensVectors() {
        var yarn = rope("'rope_scaling': {'type': 'yarn', 'factor': 4.0}").rotary(8, 100);
        assertArrayEquals(new double[] {1.0, 0.1, 0.00625, 0.00025}, yarn.inverseFrequency(), 1e-12);
        assertEquals(0.1 * Math.log(4) + 1, yarn.scale(), 1e-15);
        var other = rope("'rope_parameters': {'rope_type': 'yarn', 'factor': 4.0, 'beta_fast': 16, 'truncate': false,"
                + "'original_max_position_embeddings': 2048, 'attention_factor': 1.5}").rotary(8, 100);
        assertArrayEquals(new double[] {1.0, 0.1, 0.00569621440141, 0.00025}, other.inverseFrequency(), 1e-12);
        assertEquals(1.5, other.scale());
        assertEquals((0.1 * 0.7 * Math.log(4) + 1) / (0.1 * 0.5 * Math.log(4) + 1), rope("'rope_scaling': {'type':"
                + "'yarn', 'factor': 4, 'mscale': 0.7, 'mscale_all_dim': 0.5}").rotary(8, 1).scale(), 1e-15);
        refuses("'rope_scaling': {'type': 'yarn', 'factor': 4, 'beta_fast': 1}",
                "field rope_scaling.beta_fast is 1.0, wanted a number above beta_slow, which is 1.0");
    }

    @Test
    void dynamicScalingGrowsWithTheText() {
        var rope = rope("'rope_scaling': {'type': 'dynamic', 'factor': 2.0}");
        assertArrayEquals(new double[] {1, 0.1, 0.01, 0.001}, rope.rotary(8, 2048).inverseFrequency(), 1e-15);
        assertArrayEquals(new double[] {1.0, 0.0803225841348, 0.00645171752209, 0.000518218623482},
                rope.rotary(8, 3000).inverseFrequency(), 1e-12);
        refuses("'rope_scaling': {'type': 'dynamic', 'factor': 2, 'original_max_position_embeddings': 1024}",
                "field rope_scaling.original_max_position_embeddings: wanted 2048, max_position_embeddings");
    }

    @Test
    void aStretchedRotationStretchesTheContext() {
        assertEquals(4096, config("'rope_scaling': {'type': 'dynamic', 'factor': 2}").contextLength());
        assertEquals(8192, config("'rope_scaling': {'type': 'yarn', 'factor': 4}").contextLength());
        assertEquals(2048, config("'rope_scaling': {'type': 'yarn', 'factor': 4,"
                + "'original_max_position_embeddings': 512}").contextLength());
        assertEquals(2048, config("'rope_scaling': {'type': 'linear', 'factor': 4}").contextLength());
    }

    @Test
    void twoPlacesMustAgree() {
        refuses("'rope_theta': 10000, 'rope_parameters': {'rope_theta': 500000}", "field rope_parameters.rope_theta: "
                + "wanted 10000.0, as it stands elsewhere in the file, got 500000.0");
        refuses("'rope_parameters': {'rope_type': 'default'}, 'rope_scaling': {" + LLAMA3 + "}",
                "field rope_scaling: wanted");
        refuses("'original_max_position_embeddings': 4096, 'rope_scaling': {" + LLAMA3 + "}",
                "field original_max_position_embeddings: wanted 8192.0, as it stands elsewhere in the file");
        refuses("'rope_scaling': {'type': 'mrope', 'rope_type': 'default'}", "field rope_scaling.type: wanted default");
    }

    @ParameterizedTest
    @ValueSource(strings = {"longrope", "su", "mrope", "proportional", ""})
    void otherTypesAreRefusedInBothPlaces(String type) {
        refuses("'rope_scaling': {'type': '" + type + "', 'factor': 4.0}",
                "field rope_scaling.type: wanted default, linear, dynamic, yarn or llama3, got " + type);
        refuses("'rope_parameters': {'rope_type': '" + type + "', 'factor': 4.0}",
                "field rope_parameters.rope_type: wanted default, linear, dynamic, yarn or llama3, got " + type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-2", "0.5", "1e400", "'x'", "null", "[1]"})
    void impossibleFactorsAreRefused(String factor) {
        refuses("'rope_scaling': {'type': 'linear', 'factor': " + factor + "}", "field rope_scaling.factor");
        refuses("'rope_parameters': {" + LLAMA3.replace("8.0", factor) + "}", "field rope_parameters.factor");
    }

    @Test
    void impossibleNumbersAreRefused() {
        refuses("'rope_theta': 0", "rope_theta is 0.0, wanted at least 1");
        refuses("'rope_theta': -10000", "rope_theta is -10000.0, wanted at least 1");
        refuses("'rope_parameters': {'rope_theta': 1e400}", "field rope_parameters.rope_theta: wanted a number");
        refuses("'rope_scaling': {" + LLAMA3.replace("4.0", "1.0") + "}",
                "field rope_scaling.high_freq_factor is 1.0, wanted a number above low_freq_factor, which is 1.0");
        refuses("'rope_scaling': {" + LLAMA3.replace("1.0", "0") + "}", "both above 0");
        refuses("'rope_scaling': {" + LLAMA3.replace("8192", "0") + "}", "original_max_position_embeddings is 0.0");
        refuses("'rope_scaling': {" + LLAMA3.replace("'factor': 8.0,", "") + "}",
                "field rope_scaling.factor: wanted a number, got nothing");
    }

    @Test
    void whatIsNotKnownInsideIsRefused() {
        refuses("'rope_scaling': {'type': 'default', 'mrope_section': [16, 24, 24]}",
                "field rope_scaling.mrope_section: wanted nothing of this name beside the type default");
        refuses("'rope_parameters': {'rope_type': 'linear', 'factor': 2, 'attention_factor': 1.5}",
                "field rope_parameters.attention_factor: wanted nothing of this name beside the type linear");
        refuses("'rope_parameters': {'full_attention': {'rope_type': 'default'}}", "rope_parameters.full_attention");
        refuses("'rope_parameters': {'partial_rotary_factor': 0.25}", "partial_rotary_factor: wanted 1");
        refuses("'rope_scaling': 4", "field rope_scaling: wanted an object, got 4");
    }
}
