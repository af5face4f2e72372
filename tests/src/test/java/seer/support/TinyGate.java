package seer.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import seer.model.LanguageModel;
import seer.model.load.DType;
import seer.model.load.SafetensorsWriter;

/// Writes gate adapters with random weights for a model.
///
/// @param type       upstream's name of the poolings
/// @param projects   whether queries are projected too
/// @param activation softmax or sigmoid
public record TinyGate(String type, int block, int width, boolean projects, String activation) {

    /// The same weights, with a vector of the keys to so many tokens.
    public Path write(Path folder, LanguageModel model, int keyBlock) throws IOException {
        Path file = write(folder, model).resolve("config.json");
        Files.writeString(file, Files.readString(file).replace("\"base_model\"",
                "\"seer_gate_key_block\": " + keyBlock + ", \"base_model\""));
        return folder;
    }

    public Path write(Path folder, LanguageModel model) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), """
                {"base_model": "tiny", "base_model_sha256": "%s", "seerattn_gate_type": "%s",
                 "seerattn_gate_block_size": %d, "seerattn_gate_hidden_size": %d, "seer_gate_activation": "%s"}
                """.formatted(model.sha256(), type, block, width, activation));
        var config = model.config();
        int queryWidth = poolings(type.substring(0, type.indexOf('_'))) * config.headWidth();
        int keyWidth = poolings(type.substring(type.indexOf('_'))) * config.headWidth();
        var random = new SplittableRandom(block * 1000L + width);
        var writer = new SafetensorsWriter();
        for (int layer = 0; layer < config.layers(); layer++) {
            String name = "model.layers." + layer + ".self_attn.attn_gate.mask_linear_";
            int keyHeads = projects ? config.groups() : config.heads();
            writer.add(name + "k.weight", DType.F32, values(random, keyHeads * keyWidth * width), keyHeads, keyWidth,
                    width);
            if (projects) {
                writer.add(name + "q.weight", DType.F32, values(random, config.heads() * queryWidth * width),
                        config.heads(), queryWidth, width);
            }
        }
        writer.write(folder.resolve("attn_gate_weights.safetensors"));
        return folder;
    }

    private static int poolings(String list) {
        int count = 0;
        for (String name : new String[] {"max", "min", "avg"}) {
            count += list.contains(name) ? 1 : 0;
        }
        return count;
    }

    private static float[] values(SplittableRandom random, int size) {
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return values;
    }
}
