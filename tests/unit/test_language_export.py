"""A model of the transformers library, through Optimum: the folder computes what torch computes."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from llmcc.lm.folder import read_description
from llmcc.lm.model import LanguageModel
from llmcc.lm.session import CHUNK, Session
from llmcc.tune.language import train_tokenizer

TEXT = "define i32 @f(i32 %0) {\n  %2 = add i32 %0, 1\n  ret i32 %2\n}\n"


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Path:
    """A LLaMA of LLM Compiler's shape, but tiny, its weights drawn by chance."""
    reason = "exporting needs the extra `export`"
    torch = pytest.importorskip("torch", reason=reason)
    transformers = pytest.importorskip("transformers", reason=reason)
    pytest.importorskip("optimum.exporters.onnx", reason=reason)
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("llama-compiler")
    tokenizer = train_tokenizer([TEXT, "-p 'module(default<Oz>)'"], 400)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16384,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def exported(llama, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "folder"
    # A process of its own: Optimum warns, which would be an error here.
    start = "from llmcc.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", start, "model", "export", llama, "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Built with LLM Compiler" in done.stdout
    return out


def test_the_folder_says_what_it_is(exported):
    description = read_description(exported)
    assert (description.prompt, description.llvm_major, description.context) == ("llm-compiler", 17, 16384)
    assert (exported / "tokenizer.json").exists()


@pytest.mark.parametrize("lengths", [[5], [CHUNK], [CHUNK + 300], [4, 30, CHUNK + 1]])
def test_it_computes_what_torch_computes(llama, exported, lengths):
    import torch
    import transformers

    model = transformers.LlamaForCausalLM.from_pretrained(llama).eval()
    session = Session(exported / "model.onnx", "cpu")
    chance = random.Random(1)
    prompts = [[chance.randrange(1, 256) for _ in range(length)] for length in lengths]
    _, cache = session.start(prompts)
    logits, _ = session.step([[7] for _ in prompts], cache)
    for row, prompt in enumerate(prompts):
        with torch.no_grad():
            wanted = model(torch.tensor([[*prompt, 7]])).logits[0, -1].numpy()
        assert abs(logits[row] - wanted).max() < 1e-4


def test_it_writes_lists(exported):
    suggestions = LanguageModel(exported, "cpu").propose(TEXT)
    recipes = suggestions.take(4)
    assert len(set(recipes)) == 4
    assert all("<clang>" in str(recipe) for recipe in recipes)
