package seer.sim;

/// A launch that a real device might have run with undefined results, with the place where it went
/// wrong. Parts that do not apply are null (names) or -1 (numbers).
public final class KernelFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Fault fault;
    private final transient Place place;

    /// Where: kernel and task, linear group and item, buffer (a parameter or local array) and element.
    public record Place(String kernel, int group, int item, String buffer, long index) {

        /// A place in the host program, outside any kernel.
        public static Place ofBuffer(String graph, String buffer) {
            return new Place(graph, -1, -1, buffer, -1);
        }

        @Override
        public String toString() {
            StringBuilder words = new StringBuilder(kernel);
            if (group >= 0) {
                words.append(", group ").append(group);
            }
            if (item >= 0) {
                words.append(", item ").append(item);
            }
            if (buffer != null) {
                words.append(", ").append(buffer);
            }
            if (index >= 0) {
                words.append('[').append(index).append(']');
            }
            return words.toString();
        }
    }

    public KernelFault(Fault fault, Place place, String reason, Throwable cause) {
        super("simulator: " + fault + " at " + place + ": " + reason, cause);
        this.fault = fault;
        this.place = place;
    }

    public KernelFault(Fault fault, Place place, String reason) {
        this(fault, place, reason, null);
    }

    public Fault fault() {
        return fault;
    }

    public Place place() {
        return place;
    }
}
