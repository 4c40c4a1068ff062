//! Models and what is built on them.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, BASE64, LOWER, URL64, WORD, alnum, hex, lower, run, url64};

keys! { AI:
    "openai", "OpenAI API key", "OPENAI_API_KEY", [], [Is("sk-"), alnum(20), Is("T3BlbkFJ"), alnum(20)], "OpenAI's help on API key safety: sk-, 48 letters and digits around a fixed mark";
    "openai-project", "OpenAI project key", "OPENAI_API_KEY", [], [Any(&["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"]), Run(URL64, 40, 200)], "OpenAI's API reference on project and service-account keys";
    "openai-legacy", "OpenAI-style API key", "OPENAI_API_KEY", [], [Is("sk-"), alnum(48)], "OpenAI's API reference: sk- and 48 letters and digits";
    "anthropic", "Anthropic API key", "ANTHROPIC_API_KEY", [], [Any(&["sk-ant-api03-", "sk-ant-admin01-", "sk-ant-oat01-", "sk-ant-sid01-"]), Run(URL64, 80, 120)], "Anthropic's API documentation on authentication: sk-ant-, a kind, 95 characters";
    "openrouter", "OpenRouter API key", "OPENROUTER_API_KEY", [], [Is("sk-or-v1-"), hex(64)], "OpenRouter's documentation on authentication";
    "deepseek", "DeepSeek-style API key", "DEEPSEEK_API_KEY", [], [Is("sk-"), hex(32)], "DeepSeek's API documentation: sk- and 32 hexadecimal digits, as Alibaba's DashScope";
    "stability", "Stability AI key", "STABILITY_API_KEY", ["stability", "dreamstudio"], [Is("sk-"), alnum(48)], "Stability's platform reference";
    "huggingface", "Hugging Face token", "HF_TOKEN", [], [Any(&["hf_", "api_org_"]), Run(ALNUM, 34, 40)], "Hugging Face's documentation on user access tokens";
    "replicate", "Replicate API token", "REPLICATE_API_TOKEN", [], [Is("r8_"), Run(ALNUM, 37, 40)], "Replicate's HTTP API reference on authentication";
    "groq", "Groq API key", "GROQ_API_KEY", [], [Is("gsk_"), alnum(52)], "Groq's console documentation";
    "perplexity", "Perplexity API key", "PERPLEXITY_API_KEY", [], [Is("pplx-"), Run(ALNUM, 48, 56)], "Perplexity's API documentation";
    "xai", "xAI API key", "XAI_API_KEY", [], [Is("xai-"), Run(URL64, 70, 120)], "xAI's API documentation";
    "fireworks", "Fireworks AI key", "FIREWORKS_API_KEY", [], [Is("fw_"), Run(ALNUM, 22, 32)], "Fireworks' API reference";
    "nvidia", "NVIDIA API key", "NVIDIA_API_KEY", [], [Is("nvapi-"), Run(URL64, 60, 70)], "NVIDIA's NGC guide on API keys";
    "tavily", "Tavily API key", "TAVILY_API_KEY", [], [Is("tvly-"), Run(URL64, 32, 60)], "Tavily's documentation";
    "langsmith", "LangSmith API key", "LANGSMITH_API_KEY", [], [Any(&["lsv2_pt_", "lsv2_sk_", "ls__"]), Run(WORD, 32, 46)], "LangSmith's administration guide on API keys";
    "langfuse", "Langfuse secret key", "LANGFUSE_SECRET_KEY", [], [Is("sk-lf-"), Run(super::shape::UUID, 36, 36)], "Langfuse's documentation: sk-lf- and a UUID";
    "wandb", "Weights & Biases key", "WANDB_API_KEY", ["wandb"], [hex(40)], "Weights & Biases' documentation: 40 hexadecimal digits";
    "wandb-v1", "Weights & Biases key", "WANDB_API_KEY", [], [Is("wandb_v1_"), Run(WORD, 60, 90)], "Weights & Biases' documentation on keys of the first version";
    "cohere", "Cohere API key", "COHERE_API_KEY", ["cohere", "co_api"], [alnum(40)], "Cohere's API reference: 40 letters and digits";
    "mistral", "Mistral API key", "MISTRAL_API_KEY", ["mistral"], [alnum(32)], "Mistral's documentation: 32 letters and digits";
    "elevenlabs", "ElevenLabs API key", "ELEVENLABS_API_KEY", [], [Is("sk_"), hex(48)], "ElevenLabs' API documentation: sk_ and 48 hexadecimal digits";
    "assemblyai", "AssemblyAI key", "ASSEMBLYAI_API_KEY", ["assemblyai", "assembly_ai"], [hex(32)], "AssemblyAI's documentation: 32 hexadecimal digits";
    "deepgram", "Deepgram key", "DEEPGRAM_API_KEY", ["deepgram"], [hex(40)], "Deepgram's documentation: 40 hexadecimal digits";
    "clarifai", "Clarifai token", "CLARIFAI_PAT", ["clarifai"], [hex(32)], "Clarifai's documentation on personal access tokens";
    "together", "Together AI key", "TOGETHER_API_KEY", [], [Is("tgp_v1_"), url64(43)], "Together's API reference";
    "jina", "Jina AI key", "JINA_API_KEY", [], [Is("jina_"), Run(URL64, 60, 60)], "Jina's API documentation";
    "voyage", "Voyage AI key", "VOYAGE_API_KEY", [], [Is("pa-"), url64(43)], "Voyage's API documentation";
    "pinecone", "Pinecone API key", "PINECONE_API_KEY", [], [Is("pcsk_"), Run(WORD, 60, 75)], "Pinecone's guide on API keys";
    "cerebras", "Cerebras key", "CEREBRAS_API_KEY", [], [Is("csk-"), lower(48)], "Cerebras' inference documentation";
    "runpod", "RunPod API key", "RUNPOD_API_KEY", [], [Is("rpa_"), Run(ALNUM, 40, 50)], "RunPod's documentation on API keys";
    "modal", "Modal token secret", "MODAL_TOKEN_SECRET", [], [Any(&["as-", "ak-"]), run(ALNUM, 22)], "Modal's reference on tokens: ak- and as- with 22 characters";
    "e2b", "E2B API key", "E2B_API_KEY", [], [Is("e2b_"), hex(40)], "E2B's documentation";
    "firecrawl", "Firecrawl key", "FIRECRAWL_API_KEY", [], [Is("fc-"), hex(32)], "Firecrawl's documentation";
    "google-ai", "Google AI Studio key", "GEMINI_API_KEY", [], [Is("AQ."), Run(URL64, 40, 60)], "Google's AI Studio documentation on keys bound to accounts";
    "llamacloud", "LlamaCloud key", "LLAMA_CLOUD_API_KEY", [], [Is("llx-"), Run(ALNUM, 44, 52)], "LlamaIndex' cloud documentation";
    "composio", "Composio key", "COMPOSIO_API_KEY", ["composio"], [Is("ak_"), Run(LOWER, 16, 24)], "Composio's documentation";
    "brave-search", "Brave Search key", "BRAVE_API_KEY", ["brave"], [Is("BSA"), Run(URL64, 24, 32)], "Brave's Search API dashboard: keys begin with BSA (structure)";
    "cartesia", "Cartesia key", "CARTESIA_API_KEY", [], [Is("sk_car_"), Run(ALNUM, 18, 32)], "Cartesia's API documentation: sk_car_";
    "devin", "Devin key", "DEVIN_API_KEY", [], [Any(&["apk_user_", "apk_"]), Run(BASE64, 80, 180), Any(&["==", "=", ""])], "Devin's API documentation: apk_user_ of a person, apk_ of a service";
    "devin-service-user", "Devin service user token", "DEVIN_API_KEY", [], [Is("cog_"), lower(52)], "Devin's API documentation on service users: cog_ and 52 characters of base32";
    "minimax", "MiniMax key", "MINIMAX_API_KEY", [], [Is("sk-api-"), Run(URL64, 110, 130)], "MiniMax' platform documentation: sk-api- (structure)";
}
