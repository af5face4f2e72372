package seer.run.bench;

import seer.model.backend.ElementType;

/// How keys and values that are rounded on their way into a session are called.
public final class KeptCache {
    private KeptCache() { }

    /// As columns and fields name it; null where they are kept as everything else is.
    public static String name(ElementType type) {
        return switch (type) {
            case F16 -> "f16";
            case INT8 -> "int8";
            case F32, BF16 -> null;
        };
    }

    /// In words; null as for [#name].
    public static String words(ElementType type) {
        return switch (type) {
            case F16 -> "16-bit floats";
            case INT8 -> "whole numbers of 8 bits";
            case F32, BF16 -> null;
        };
    }
}
