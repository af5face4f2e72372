package seer.gate.prompt;

import java.util.List;
import java.util.SplittableRandom;

/// A text with facts at random places: the places are drawn evenly over its tokens, the facts keep their order.
record HiddenFacts(Filler filler, List<int[]> facts) implements Task.Body {

    @Override
    public int[] fill(int room, SplittableRandom random) {
        int hidden = facts.stream().mapToInt(fact -> fact.length).sum();
        int around = room - hidden;
        if (around < facts.size()) {
            throw Task.noRoom(room, hidden + facts.size(), facts.size() + " facts");
        }
        int[] text = filler.excerpt(around, random);
        int[] places = random.ints(facts.size(), 0, around).map(at -> filler.seam(text, at)).sorted().toArray();
        var whole = new int[room];
        int written = 0;
        int read = 0;
        for (int i = 0; i < places.length; i++) {
            System.arraycopy(text, read, whole, written, places[i] - read);
            written += places[i] - read;
            read = places[i];
            System.arraycopy(facts.get(i), 0, whole, written, facts.get(i).length);
            written += facts.get(i).length;
        }
        System.arraycopy(text, read, whole, written, around - read);
        return whole;
    }
}
