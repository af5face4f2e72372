/// Seer's models as [LangChain4j](https://docs.langchain4j.dev)'s: [seer.langchain4j.SeerChatModel] and
/// [seer.langchain4j.SeerStreamingChatModel]. The one package that knows LangChain4j; nobody of Seer's knows it.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.langchain4j;
