package seer.eval.plan;

import java.nio.file.Path;
import seer.eval.Contender;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// A contender as data.
///
/// @param label under which its rows stand
/// @param gate  folder of the adapter; null where the selector needs none
public record ContenderSpec(String label, SelectorSpec selector, ForcedBlocks forced, Path gate) {
    private static final String WORD = "contender";

    public ContenderSpec {
        if (label.isEmpty()) {
            throw new IllegalArgumentException("the contender " + selector.text() + " has no label, wanted one");
        }
        if (selector.needsGate() != (gate != null)) {
            throw new IllegalArgumentException("the contender " + label + " has " + (gate == null ? "no gates"
                    : "the gates " + gate) + ", wanted " + (gate == null ? "a folder of them" : "none"));
        }
    }

    /// With the gates in a folder, if it needs any.
    public static ContenderSpec of(String label, SelectorSpec selector, ForcedBlocks forced, Path gate) {
        return new ContenderSpec(label, selector, forced, selector.needsGate() ? gate : null);
    }

    /// Exact attention.
    public static ContenderSpec dense() {
        return new ContenderSpec(Contender.DENSE, new SelectorSpec.Dense(), ForcedBlocks.NONE, null);
    }

    /// The contender itself.
    public Contender open(Library library) {
        return new Contender(label, selector.selector(() -> library.gate(gate), forced), forced.denseLastRows());
    }

    /// As [#parse] reads it.
    public String text() {
        var spec = SpecText.of(WORD).with("label", label).with("select", selector.text())
                .with("dense-last-rows", forced.denseLastRows()).with("keep-first", forced.keepFirst());
        return (gate == null ? spec : spec.with("gate", gate)).print();
    }

    /// Reads what [#text] wrote.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static ContenderSpec parse(String text) {
        var spec = SpecText.parse(text);
        if (!spec.word().equals(WORD)) {
            throw spec.wrong("wanted " + WORD + ":");
        }
        var gates = spec.all("gate");
        if (gates.size() > 1) {
            throw spec.wrong("wanted gate at most once, got it " + gates.size() + " times");
        }
        var read = new ContenderSpec(spec.one("label"), SelectorSpec.parse(spec.one("select")),
                new ForcedBlocks(spec.whole("dense-last-rows"), spec.truth("keep-first")),
                gates.isEmpty() ? null : Path.of(gates.getFirst()));
        spec.requireSpent();
        return read;
    }
}
