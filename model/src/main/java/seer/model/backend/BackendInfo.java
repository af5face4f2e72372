package seer.model.backend;

/// What ran: printed with every result, so that no figure stands without its machine.
///
/// @param backend `cpu` or `tornado`
/// @param device  the processor or accelerator, as it names itself
/// @param detail  vector width, library versions
/// @param threads worker threads on the host
public record BackendInfo(String backend, String device, String detail, int threads) { }
