/// Choosing blocks: the learned gate (AttnGate) and, beside it, other ways behind the same interface.
///
/// ```text
/// q, k before rotation --pool by blocks--> --project--> --rotate at block starts--> scores --rule--> BlockMask
/// ```
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.gate;
