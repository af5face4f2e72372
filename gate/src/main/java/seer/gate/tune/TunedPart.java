package seer.gate.tune;

import seer.model.load.Quoted;

/// Which weights of a model change.
public sealed interface TunedPart {
    /// What can be written.
    String GRAMMAR = "all, attention or lora=R";

    /// Every weight.
    record All() implements TunedPart {
        @Override
        public boolean trains(String name) {
            return true;
        }

        @Override
        public String text() {
            return "all";
        }
    }

    /// Projections of attention with their biases and norms: what reads and writes it.
    record Attention() implements TunedPart {
        @Override
        public boolean trains(String name) {
            return name.contains(".self_attn.");
        }

        @Override
        public String text() {
            return "attention";
        }
    }

    /// Every projection of a layer, by a product of two thin matrices that is added to it (Hu and others, arXiv
    /// 2106.09685).
    record LowRank(int rank) implements TunedPart {
        public LowRank {
            if (rank < 1) {
                throw new IllegalArgumentException("lora is " + rank + ", wanted a rank of at least 1");
            }
        }

        @Override
        public boolean trains(String name) {
            return name.endsWith("_proj.weight");
        }

        @Override
        public String text() {
            return "lora=" + rank;
        }
    }

    /// Whether the weights of this name, Hugging Face's, change.
    boolean trains(String name);

    /// As [#parse] reads it.
    String text();

    /// @throws IllegalArgumentException quoting what was written and what was wanted
    static TunedPart parse(String text) {
        if (text.equals("all")) {
            return new All();
        }
        if (text.equals("attention")) {
            return new Attention();
        }
        if (text.matches("lora=\\d{1,6}")) {
            return new LowRank(Integer.parseInt(text.substring("lora=".length())));
        }
        throw new IllegalArgumentException("train is \"" + Quoted.of(text) + "\", wanted " + GRAMMAR);
    }
}
