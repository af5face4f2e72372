package seer.model.load;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The name that was probably meant: the one sharing the longest beginning and end with it, which
/// finds another layer's tensor as well as a slip of the keyboard.
final class NearestName {
    private NearestName() {
    }

    static Optional<String> to(String wanted, Collection<String> names) {
        return names.stream()
                .filter(name -> 2 * shared(wanted, name) >= wanted.length())
                .max(Comparator.comparingInt((String name) -> shared(wanted, name))
                        .thenComparingInt(name -> -name.length()));
    }

    /// The sentence for a tensor that is not there.
    static String missing(String wanted, Collection<String> names) {
        return "tensor " + Quoted.name(wanted) + ": wanted it here, got " + names.size() + " others"
                + to(wanted, names).map(name -> ", the nearest is " + Quoted.name(name)).orElse("");
    }

    private static int shared(String a, String b) {
        int shortest = Math.min(a.length(), b.length());
        int front = 0;
        while (front < shortest && a.charAt(front) == b.charAt(front)) {
            front++;
        }
        int back = 0;
        while (back < shortest - front && a.charAt(a.length() - 1 - back) == b.charAt(b.length() - 1 - back)) {
            back++;
        }
        return front + back;
    }
}
