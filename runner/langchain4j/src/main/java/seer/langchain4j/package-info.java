/// Seer's models as [LangChain4j](https://docs.langchain4j.dev)'s: [seer.langchain4j.SeerChatModel] and
/// [seer.langchain4j.SeerStreamingChatModel]. The one package that knows LangChain4j; nobody of Seer's knows it.
package seer.langchain4j;
